// Threads that drive sessions.
#include "harness/load/shards.hpp"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <exception>

#include "engines/workers.hpp"
#include "harness/load/schedule/timekeeper.hpp"

namespace contend::load {

Shards::Shards(const ShardsSpec& spec, RunState& state)
    : engine_(spec.engine), options_(spec.drive), shards_(spec.threads) {
  for (std::uint32_t number = 0; number < spec.threads; ++number) {
    const auto first_of = [&](std::uint32_t shard) {
      return spec.first_client +
             static_cast<std::uint32_t>(std::uint64_t{spec.clients} * shard / spec.threads);
    };
    const std::uint32_t first = first_of(number), end = first_of(number + 1);
    RunAdmission& admission = *admissions_.emplace_back(
        std::make_unique<RunAdmission>(state, first, end - first, spec.pipeline));
    RunRecorder& recorder =
        *recorders_.emplace_back(std::make_unique<RunRecorder>(admission, spec.kinds));
    Shard& shard = shards_[number];
    shard.make = spec.make();
    for (std::uint32_t client = first; client < end; ++client)
      shard.sessions.push_back(shard.make(client, admission, recorder));
  }
}

Shards::~Shards() {
  stop();
  for (Shard& shard : shards_)
    if (shard.thread.joinable()) shard.thread.join();
}

void Shards::start(const Endpoint& endpoint, TimePoint end, Timekeeper& timekeeper) {
  running_ = shards_.size();
  DriveOptions options = options_;
  options.until = end;
  options.stop = stop_.token();
  for (Shard& shard : shards_)
    shard.thread = start_thread(fmt::format("each of {} shards of the load", shards_.size()),
                                [this, &shard, &timekeeper, endpoint, options] {
                                  drive(shard, endpoint, options);
                                  if (--running_ == 0) timekeeper.sessions_ended();
                                });
}

void Shards::drive(Shard& shard, const Endpoint& endpoint, DriveOptions options) noexcept {
  shard.number = gettid();
  prctl(PR_SET_TIMERSLACK, 1UL);  // by default a thread wakes up to 50 us late
  std::vector<Session*> borrowed;
  for (const auto& session : shard.sessions) borrowed.push_back(session.get());
  options.max_parallel = static_cast<unsigned>(borrowed.size());
  try {
    engine_.drive(endpoint, borrowed, options);
  } catch (...) {
    shard.failure = std::current_exception();
  }
  shard.used = ThreadReading::now();
}

void Shards::join() {
  for (Shard& shard : shards_) shard.thread.join();
  for (const Shard& shard : shards_)
    if (shard.failure) std::rethrow_exception(shard.failure);
}

void Shards::discard() {
  for (Shard& shard : shards_)
    if (const pid_t number = shard.number; number != 0)
      shard.discarded = ThreadReading::of(number).value_or(ThreadReading{});
}

ThreadReading Shards::most() const {
  ThreadReading most;
  for (const Shard& shard : shards_) {
    const ThreadReading used = shard.used - shard.discarded;
    most = {.ran = std::max(most.ran, used.ran), .waited = std::max(most.waited, used.waited)};
  }
  return most;
}

}  // namespace contend::load
