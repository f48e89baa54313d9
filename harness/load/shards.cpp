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
namespace {

/// In a closed loop the kernel may hold an answer back for this share of the mean latency, to let
/// others come with it. What that does to the figures is in docs/load.md.
constexpr double gather_share = 0.03;

}  // namespace

Shards::Shards(const RunSpec& spec, Agenda& agenda)
    : spec_(spec), sequence_(spec.part), shards_(spec.threads) {
  for (std::uint32_t number = 0; number < spec.threads; ++number) {
    const auto first_of = [&](std::uint32_t shard) {
      return spec.first_connection +
             static_cast<std::uint32_t>(std::uint64_t{spec.connections} * shard / spec.threads);
    };
    const std::uint32_t first = first_of(number), end = first_of(number + 1);
    RunRecorder& recorder = *recorders_.emplace_back(
        std::make_unique<RunRecorder>(agenda, first, end - first, spec.pipeline));
    Shard& shard = shards_[number];
    shard.clients = std::make_unique<Clients>(spec, sequence_);
    for (std::uint32_t client = first; client < end; ++client)
      shard.sessions.push_back(shard.clients->make(client, recorder));
  }
}

Shards::~Shards() {
  stop();
  for (Shard& shard : shards_)
    if (shard.thread.joinable()) shard.thread.join();
}

void Shards::start(TimePoint end, Timekeeper& timekeeper) {
  running_ = shards_.size();
  for (Shard& shard : shards_)
    shard.thread = start_thread(fmt::format("each of {} shards of the load", shards_.size()),
                                [this, &shard, &timekeeper, end] {
                                  drive(shard, end);
                                  if (--running_ == 0) timekeeper.sessions_ended();
                                });
}

void Shards::drive(Shard& shard, TimePoint end) noexcept {
  shard.number = gettid();
  prctl(PR_SET_TIMERSLACK, 1UL);  // by default a thread wakes up to 50 us late
  std::vector<Session*> borrowed;
  for (const auto& session : shard.sessions) borrowed.push_back(session.get());
  try {
    load_engine().drive(spec_.target.endpoint, borrowed,
                        {.spin = spec_.spins ? spec_.warm_up + spec_.duration : Duration{},
                         .until = end,
                         .stop = stop_.token(),
                         .connect_within = spec_.timeout,
                         .max_parallel = static_cast<unsigned>(borrowed.size()),
                         .gather = spec_.schedule ? 0 : gather_share});
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
