// A concurrency model, as code: what an engine is and how it is listed. An engine never knows a
// protocol; it carries out the steps of sessions (workloads/session.hpp) and performs jobs.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engines/lesson.hpp"
#include "engines/net.hpp"
#include "engines/stop.hpp"
#include "workloads/job.hpp"
#include "workloads/session.hpp"
#include "workloads/workload.hpp"

namespace contend {

/// Largest spin and delay that a command line or a suite may ask for, in us.
inline constexpr std::uint64_t max_spin_us = 10'000'000, max_delay_us = 10'000'000;

struct ServeOptions {
  unsigned workers = 1;              ///< Loops, each with a listener of its own (SO_REUSEPORT).
  Duration spin{};                   ///< Poll for this long before sleeping.
  unsigned max_connections = 16384;  ///< At this many, accepting waits until one ends; at least
                                     ///< `workers`, among whom they are shared out evenly.
  Duration delay{};                  ///< Engines of known slowness add this to every answer.

  unsigned connections_a_worker() const { return max_connections / workers; }
};

struct ServeReport {
  std::uint64_t accepted = 0;
  std::uint64_t accept_pauses = 0;  ///< Accepting paused for lack of descriptors or memory.
  std::string detail;               ///< Which kernel features were in use; may be empty.

  /// Another worker's.
  ServeReport& operator+=(const ServeReport& other) {
    accepted += other.accepted;
    accept_pauses += other.accept_pauses;
    return *this;
  }
};

struct DriveOptions {
  Duration spin{};
  TimePoint until = TimePoint::max();  ///< Whatever is still going on then is dropped, unreported.
  StopToken stop{};                    ///< Likewise.
  /// An attempt to connect that takes longer has failed: refused, with ETIMEDOUT. By default the
  /// kernel gives up, after two minutes.
  Duration connect_within = Duration::max();
  unsigned max_parallel = 16384;  ///< Threads, processes or connections at once; the rest wait.
  Duration delay{};
  /// Answers may wait for each other, so that fewer wake-ups are paid for: the kernel is told to
  /// wait for at most this share of the mean time from a connection's request to its next one. For
  /// clients that send the next one as soon as they have an answer, and engines that can do it.
  double gather = 0;
};

struct RunOptions {
  StopToken stop{};              ///< Jobs not started by then stay unfinished.
  unsigned max_parallel = 4096;  ///< Threads or processes at once; the rest wait.
  Duration delay{};
};

/// One concurrency model. A role that an engine can't play is null.
struct Engine {
  std::string_view name, summary;
  bool charted = true;     ///< False for engines that exist to test the harness.
  bool concurrent = true;  ///< False: one connection, session or job at a time; the others wait.
  bool scales = false;     ///< Takes `workers` above 1.
  bool spins = false;      ///< Takes `spin`.
  bool delays = false;     ///< Takes `delay`.
  /// Why it can't run on this machine, or null when it can. Static storage.
  const char* (*unavailable)() = nullptr;

  /// Serves until `stop`, then closes everything it opened, joins and reaps, and returns within
  /// 1 s. Throws std::system_error when it can't be set up.
  ServeReport (*serve)(Fd listener, Service& service, const ServeOptions&,
                       StopToken stop) = nullptr;
  /// Connects each session to `endpoint` and plays all to their end, in this engine's idiom.
  /// A session that asks for `reconnect` gets a new connection.
  void (*drive)(const Endpoint& endpoint, std::span<Session* const> sessions,
                const DriveOptions&) = nullptr;
  /// Performs every job once. The span lies in memory shared with child processes.
  void (*run)(std::span<Job> jobs, const RunOptions&) = nullptr;
  /// Plays the lesson of that name (workloads/lessons.cpp). Throws std::exception when it can't.
  void (*lesson)(std::string_view name, const Parameters& parameters,
                 LessonReport& report) = nullptr;
};

/// Every engine, in the order in which they are listed and charted.
std::span<const Engine> engines();
/// Throws std::invalid_argument that names the known ones.
const Engine& find_engine(std::string_view name);
/// The cheapest engine that can run here: it drives the load and serves as origin.
const Engine& load_engine();

}  // namespace contend
