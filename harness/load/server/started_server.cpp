// Starting a server, waiting for its first answer, and ending it.
#include "harness/load/server/started_server.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <future>
#include <sstream>
#include <thread>
#include <vector>

#include "engines/engine.hpp"
#include "engines/net.hpp"
#include "harness/base/json.hpp"
#include "harness/load/clients.hpp"
#include "harness/machine/machine.hpp"

namespace contend::load {
namespace {

using namespace std::chrono_literals;

constexpr Duration between_looks = 10ms;
constexpr Duration silent_wait = 2s;
/// Who does not accept within this time is taken to be nobody.
constexpr int accepting_within_ms = 200;
constexpr std::size_t shown_lines = 3, shown_line = 300;

bool accepts(const Endpoint& target) {
  const Fd probe = client_socket(target, SOCK_NONBLOCK);
  if (!probe) return false;
  if (connect(probe.get(), target.get(), target.length) == 0) return true;
  pollfd polled{.fd = probe.get(), .events = POLLOUT, .revents = 0};
  int error = 0;
  socklen_t size = sizeof error;
  return errno == EINPROGRESS && poll(&polled, 1, accepting_within_ms) == 1 &&
         getsockopt(probe.get(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

void refuse_taken(const Endpoint& target) {
  if (accepts(target))
    throw std::invalid_argument(fmt::format(
        "somebody accepts connections at {} already, and would be taken for the server that is to "
        "be started; end it, or measure it with --server-pid",
        target.text()));
}

/// Whether a process of the group lives: field 3 of /proc/PID/stat is its state and field 5 its
/// group (proc_pid_stat(5)), behind a name in brackets that may hold anything.
bool lives(pid_t group) {
  for (const auto& process : std::filesystem::directory_iterator("/proc")) {
    if (process.path().filename().string().find_first_not_of("0123456789") != std::string::npos)
      continue;
    const std::string stat = read_text(process.path() / "stat").value_or("");
    const std::size_t name_end = stat.rfind(')');
    if (name_end == std::string::npos) continue;
    std::istringstream fields(stat.substr(name_end + 1));
    char state = 0;
    pid_t parent = 0, of = 0;
    if (fields >> state >> parent >> of && of == group && state != 'Z' && state != 'X') return true;
  }
  return false;
}

/// Wants one right answer, and asks again as long as there is none.
class FirstAnswer final : public Admission, public Recorder {
 public:
  void replied(const Exchange&) override { is_right_ = true; }
  void failed(const Exchange&, ReplyError error) override { error_ = error; }
  bool wants_example(ReplyError) override { return true; }
  void show(ReplyError error, std::string line) override {
    example_ = fmt::format("{}, {}", to_string(error), line);
  }
  bool admit(std::uint32_t, std::uint64_t) override { return !is_right_; }

  bool is_right() const { return is_right_; }
  /// What the last attempt came to.
  std::string trouble() const {
    if (!error_) return "it did not answer at all";
    const std::string kind(to_string(*error_));
    return "the last attempt: " + (example_.starts_with(kind) ? example_ : kind);
  }

 private:
  bool is_right_ = false;
  std::optional<ReplyError> error_;
  std::string example_;
};

/// Ends what others do when it goes.
struct StopAtTheEnd {
  StopSource& source;
  explicit StopAtTheEnd(StopSource& source_) : source(source_) {}
  StopAtTheEnd(const StopAtTheEnd&) = delete;
  StopAtTheEnd& operator=(const StopAtTheEnd&) = delete;
  ~StopAtTheEnd() { source.request(); }
};

/// Returns the last lines as one that is safe to show, or nothing.
std::string last_lines(const std::string& printed) {
  std::vector<std::string> lines;
  std::istringstream text(printed);
  for (std::string line; std::getline(text, line);)
    if (line.find_first_not_of(" \t\r") != std::string::npos) lines.push_back(line);
  std::string words;
  for (std::size_t i = lines.size() - std::min(lines.size(), shown_lines); i < lines.size(); ++i) {
    const std::string safe = quote_for_display(lines[i], shown_line);
    words += (words.empty() ? "" : " / ") + safe.substr(1, safe.size() - 2);
  }
  return words;
}

}  // namespace

StartedServer::StartedServer(const std::string& command, const Endpoint& target,
                             StopToken interrupted)
    : interrupted_(interrupted) {
  refuse_taken(target);
  child_.emplace(guard_,
                 Command{.arguments = {"sh", "-c", command}, .output = output_.writing_end()});
  output_.collect();
}

StartedServer::~StartedServer() {
  if (!ending_) end();
}

void StartedServer::await_answer(const RunSpec& spec, const StopToken& stop, Duration patience) {
  RunSpec one = spec;
  one.pipeline = 1;
  one.requests_per_connection = 0;
  FirstAnswer answer;
  std::atomic<std::uint64_t> sequence{0};
  Clients clients(one, sequence);
  const std::unique_ptr<Session> session = clients.make(0, answer, answer);
  const std::array<Session*, 1> sessions{session.get()};
  const TimePoint begin = Clock::now();
  StopSource enough;
  std::future<void> asking = std::async(std::launch::async, [&] {
    load_engine().drive(
        spec.target.endpoint, sessions,
        {.until = begin + patience, .stop = enough.token(), .connect_within = spec.timeout});
  });
  const StopAtTheEnd stop_asking(enough);
  bool has_spoken = false;
  while (asking.wait_for(between_looks) == std::future_status::timeout) {
    if (stop.requested() || child_->has_ended()) enough.request();
    if (has_spoken || Clock::now() < begin + silent_wait) continue;
    has_spoken = true;
    fmt::print(stderr, "waiting for a right answer from {}, up to {} s\n", spec.target.url,
               std::chrono::ceil<std::chrono::seconds>(patience).count());
  }
  asking.get();
  if (stop.requested()) throw Interrupted();
  if (const auto how = ending())
    throw std::runtime_error(
        fmt::format("the server ended before the load began, with {}; it has to stay in the "
                    "foreground and listen at {}",
                    *how, spec.target.endpoint.text()));
  if (answer.is_right()) return;
  const std::string words = last_lines(output_.text());
  throw std::runtime_error(
      fmt::format("the server gave no right answer to {} within {} s; {}{}{}", spec.target.url,
                  std::chrono::duration<double>(patience).count(), answer.trouble(),
                  words.empty() ? "" : "; it said: ", words));
}

std::optional<std::string> StartedServer::ending() {
  if (!ending_ && !child_->has_ended()) return std::nullopt;
  if (!ending_) end();
  const std::string words = last_lines(output_.text());
  return ending_->text() + (words.empty() ? "" : ": ") + words;
}

/// Waits for all of the group, since a shell that is killed goes before the server that it started.
/// Until the child is reaped, at last, the group's number can't be another's.
void StartedServer::end() {
  kill(-child_->pid(), SIGTERM);
  const TimePoint begin = Clock::now();
  bool has_spoken = false;
  while (lives(child_->pid())) {
    const Duration waited = Clock::now() - begin;
    if (waited >= (interrupted_.requested() ? hurried_patience : patience_with_the_end)) break;
    if (!has_spoken && waited >= silent_wait) {
      has_spoken = true;
      fmt::print(stderr, "waiting up to {} s for the server to end after SIGTERM\n",
                 std::chrono::ceil<std::chrono::seconds>(patience_with_the_end).count());
    }
    std::this_thread::sleep_for(between_looks);
  }
  ending_ = child_->wait(Clock::now());
  output_.finish();
}

}  // namespace contend::load
