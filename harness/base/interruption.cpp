// Ctrl-C as a StopToken.
#include "harness/base/interruption.hpp"

namespace contend {
namespace {

constexpr std::array<int, 4> signals{SIGINT, SIGTERM, SIGHUP, SIGUSR1};
StopSource* interrupted = nullptr;  // for the signal handler alone

void on_interrupt(int) {
  interrupted->request();
}

}  // namespace

Interruption::Interruption() {
  interrupted = &source_;
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  action.sa_flags = SA_RESTART;
  for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], &action, &before_[i]);
}

Interruption::~Interruption() {
  for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], &before_[i], nullptr);
}

}  // namespace contend
