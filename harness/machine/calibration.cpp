// How quiet this machine is.
#include "harness/machine/calibration.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <nlohmann/json.hpp>
#include <numeric>
#include <thread>
#include <vector>

#include "engines/net.hpp"
#include "harness/stats/medians.hpp"

namespace contend {
namespace {

/// Some 5 ms at 3 GHz, where a step takes four cycles, and where waking up takes 80 us. The amount
/// is fixed and not the time, so that slices can be compared.
constexpr int steps_a_slice = 4'000'000;
constexpr int round_trips_a_slice = 60;
constexpr timeval give_up_after{.tv_sec = 5, .tv_usec = 0};

/// Fixed work that a compiler can't shorten: each step needs the one before it.
std::uint64_t count(int steps, std::uint64_t state) {
  for (int i = 0; i < steps; ++i) state = state * 6364136223846793005U + 1;
  return state;
}

/// Runs `body` in a thread of its own on these CPUs, and passes on what it throws.
template <typename Body>
class On {
 public:
  On(const Placement& placement, const std::vector<unsigned>& cpus, Body body)
      : thread_([this, pinned = placement.pinned, cpus, body] {
          try {
            if (pinned) pin_this_thread(cpus);
            body();
          } catch (...) {
            failure_ = std::current_exception();
          }
        }) {}
  On(const On&) = delete;
  On& operator=(const On&) = delete;
  ~On() {
    if (thread_.joinable()) thread_.join();
  }
  void finish() {
    thread_.join();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  std::exception_ptr failure_;
  std::thread thread_;  // last, so that it begins when the rest is there
};

/// The durations of `slice()`, repeated for `time`, at least once.
template <typename Slice>
std::vector<double> repeat(Duration time, Slice slice) {
  std::vector<double> durations_ns;
  const TimePoint end = Clock::now() + time;
  for (TimePoint began = Clock::now(), now; durations_ns.empty() || began < end; began = now) {
    slice();
    now = Clock::now();
    durations_ns.push_back(static_cast<double>(std::chrono::nanoseconds(now - began).count()));
  }
  return durations_ns;
}

Variation work(const Placement& placement, Duration time) {
  std::vector<double> slices;
  On worker(placement, placement.engine_cpus, [&] {
    std::uint64_t state = count(steps_a_slice, 1);  // warm-up
    slices = repeat(time, [&] { state = count(steps_a_slice, state); });
    asm volatile("" : : "r"(state));  // and what nobody looks at is computed all the same
  });
  worker.finish();
  return variation_of(slices);
}

void answer(const Fd& connection) {
  for (char byte; recv(connection.get(), &byte, 1, 0) == 1;)
    if (send(connection.get(), &byte, 1, MSG_NOSIGNAL) != 1) return;
}

void ask(const Fd& connection) {
  char byte = 'x';
  for (int i = 0; i < round_trips_a_slice; ++i)
    if (send(connection.get(), &byte, 1, MSG_NOSIGNAL) != 1 ||
        recv(connection.get(), &byte, 1, 0) != 1)
      throw_errno("a round trip over the loopback");
}

Variation round_trips(const Placement& placement, Duration time) {
  const Fd listener = listen_on(Endpoint::loopback(0));
  const Endpoint endpoint = Endpoint::loopback(port_of(listener));
  Fd asking = client_socket(endpoint, 0);
  if (!asking || connect(asking.get(), endpoint.get(), endpoint.length) != 0)
    throw_errno("connecting over the loopback");
  const Fd answering{accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC)};
  if (!answering) throw_errno("accepting over the loopback");
  for (const int one : {asking.get(), answering.get()})
    setsockopt(one, SOL_SOCKET, SO_RCVTIMEO, &give_up_after, sizeof give_up_after);

  std::vector<double> slices;
  On server(placement, placement.engine_cpus, [&] { answer(answering); });
  On client(placement, placement.load_cpus, [&] {
    const Fd closes_at_the_end = std::move(asking);
    ask(closes_at_the_end);  // warm-up
    slices = repeat(time, [&] { ask(closes_at_the_end); });
  });
  client.finish();
  server.finish();
  return variation_of(slices);
}

}  // namespace

Variation variation_of(std::span<const double> slices_ns) {
  Variation variation{.slices = slices_ns.size()};
  if (slices_ns.empty()) return variation;
  variation.median_ns = median({slices_ns.begin(), slices_ns.end()});
  if (slices_ns.size() < 2) return variation;
  const auto n = static_cast<double>(slices_ns.size());
  const double mean = std::accumulate(slices_ns.begin(), slices_ns.end(), 0.0) / n;
  double squares = 0, products = 0;
  for (std::size_t i = 0; i < slices_ns.size(); ++i) {
    squares += (slices_ns[i] - mean) * (slices_ns[i] - mean);
    if (i > 0) products += (slices_ns[i - 1] - mean) * (slices_ns[i] - mean);
  }
  if (mean > 0) variation.coefficient_of_variation = std::sqrt(squares / (n - 1)) / mean;
  if (squares > 0 && slices_ns.size() >= 3) variation.lag1_autocorrelation = products / squares;
  return variation;
}

Calibration calibrate(const Placement& placement, Duration each) {
  Calibration calibration;
  const CpuReading before = read_cpu();
  calibration.work = work(placement, each);
  calibration.round_trips = round_trips(placement, each);
  calibration.noise = noise_between(before, read_cpu());
  return calibration;
}

nlohmann::json variation_json(const Variation& variation) {
  const auto or_null = [](const std::optional<double>& value) {
    return value ? nlohmann::json(*value) : nlohmann::json();
  };
  return {{"slices", variation.slices},
          {"median_ns", variation.median_ns},
          {"coefficient_of_variation", or_null(variation.coefficient_of_variation)},
          {"lag1_autocorrelation", or_null(variation.lag1_autocorrelation)}};
}

}  // namespace contend
