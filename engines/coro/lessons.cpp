// What the course shows of tasks, each as the few lines that anybody would write. Beside it lie the
// same programs in Python (engines/external/python/lessons.py). Try it:
//   contend-engine lesson epoll shield
#include "engines/coro/lessons.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <thread>

#include "engines/converse.hpp"
#include "engines/coro/roles.hpp"
#include "engines/coro/run.hpp"
#include "workloads/request_log.hpp"

namespace contend::coro {
namespace {

Duration milliseconds(const Parameters& given, std::string_view name) {
  return std::chrono::milliseconds(given[name]);
}

/// A delay that is on the time line.
Coroutine<> delay(LessonReport& report, std::string name, Duration how_long) {
  LessonSpan& span = report.begin(std::move(name));
  co_await sleep(how_long);
  LessonReport::end(span, true);
}

/// One that is expected to be cancelled, or not to be.
Coroutine<std::string> work(LessonReport& report, Duration how_long, bool to_be_cancelled) {
  LessonSpan& span = report.begin("work");
  try {
    co_await sleep(how_long);
  } catch (const CancelledError&) {
    LessonReport::end(span, to_be_cancelled);
    report.note("work was cancelled");
    throw;
  }
  LessonReport::end(span, !to_be_cancelled);
  report.note("work finished");
  co_return "done";
}

std::uint64_t count_to(std::uint64_t limit) {
  const Workload& counter = find_workload("counter");
  std::vector<Job> jobs = counter.jobs(
      Parameters(counter.parameters, {{"limit", static_cast<std::int64_t>(limit)}, {"jobs", 1}}));
  jobs[0].perform();
  return jobs[0].result;
}

Coroutine<> count_elsewhere(LessonReport& report, ProcessPool& pool, std::uint64_t limit,
                            std::string name) {
  LessonSpan& span = report.begin(std::move(name));
  span.computing = span.started;
  const std::uint64_t counted = co_await run_in_executor(pool, count_to, limit);
  LessonReport::end(span, counted == limit);
}

Coroutine<> executor(const Parameters& given, LessonReport& report) {
  const auto jobs = static_cast<unsigned>(given["jobs"]);
  ProcessPool pool(jobs);
  std::vector<Task<>> tasks;
  for (unsigned job = 1; job <= jobs; ++job)
    tasks.push_back(create_task(count_elsewhere(
        report, pool, static_cast<std::uint64_t>(given["limit"]), fmt::format("count {}", job))));
  tasks.push_back(create_task(delay(report, "delay", milliseconds(given, "wait_ms"))));
  co_await gather(tasks);
}

/// A server on a thread of its own, which answers each request after a while.
class Origin {
 public:
  Origin(MakePoller make_poller, const Parameters& parameters)
      : service_(find_workload("fetch").service(parameters)) {
    Fd listener = listen_on(Endpoint::parse("127.0.0.1:0"));
    endpoint_ = Endpoint::loopback(port_of(listener));
    thread_ = std::jthread([this, make_poller, owned = std::move(listener)]() mutable {
      serve(make_poller, std::move(owned), *service_, {}, stop_.token());
    });
  }
  Origin(const Origin&) = delete;
  Origin& operator=(const Origin&) = delete;
  ~Origin() { stop_.request(); }
  const Endpoint& endpoint() const { return endpoint_; }

 private:
  std::unique_ptr<Service> service_;
  Endpoint endpoint_;
  StopSource stop_;
  std::jthread thread_;
};

/// A coroutine by its looks: nothing in it is awaited, so nobody else has a turn meanwhile.
Coroutine<> get_blocking(LessonReport& report, const Endpoint& endpoint, Session& session,
                         RequestLog& log, std::uint32_t client) {
  LessonSpan& span = report.begin(fmt::format("GET {}", client + 1));
  span.computing = span.started;
  std::array<std::byte, 16 << 10> room;
  converse(endpoint, session, room, {});
  LessonReport::end(span, log.entries().size() == client + 1 && log.entries().back().ok);
  co_return;
}

Coroutine<> blocking_client(const Parameters& given, LessonReport& report, MakePoller make_poller) {
  const Workload& fetch = find_workload("fetch");
  const Parameters parameters(fetch.parameters, {{"delay_ms", given["delay_ms"]}});
  const auto clients = static_cast<std::uint32_t>(given["clients"]);
  const Origin origin(make_poller, parameters);
  RequestLog log(clients, 1);
  std::vector<std::unique_ptr<Session>> sessions;
  std::vector<Task<>> tasks;
  for (std::uint32_t client = 0; client < clients; ++client) {
    sessions.push_back(fetch.client(parameters, client, log, log));
    tasks.push_back(
        create_task(get_blocking(report, origin.endpoint(), *sessions.back(), log, client)));
  }
  co_await gather(tasks);
}

Coroutine<> cancel(const Parameters& given, LessonReport& report) {
  const Task<std::string> task = create_task(work(report, milliseconds(given, "work_ms"), true));
  for (std::int64_t tick = 1; tick <= given["ticks"]; ++tick)
    co_await delay(report, fmt::format("tick {}", tick), milliseconds(given, "tick_ms"));
  task.cancel();
  try {
    co_await task;
  } catch (const CancelledError&) {
    report.note("awaiting it threw CancelledError");
  }
}

/// Waits for it, and says how that ended.
template <typename Awaitable>
Coroutine<> wait_a_while(LessonReport& report, Awaitable awaitable, Duration timeout) {
  LessonSpan& span = report.begin("wait");
  bool in_time = true;
  try {
    co_await wait_for(std::move(awaitable), timeout);
  } catch (const TimeoutError&) {
    in_time = false;
    report.note("the wait ended with TimeoutError");
  }
  LessonReport::end(span, !in_time);
}

Coroutine<> timeout(const Parameters& given, LessonReport& report) {
  co_await wait_a_while(report, work(report, milliseconds(given, "work_ms"), true),
                        milliseconds(given, "timeout_ms"));
}

Coroutine<> shielded(const Parameters& given, LessonReport& report) {
  const Task<std::string> task = create_task(work(report, milliseconds(given, "work_ms"), false));
  co_await wait_a_while(report, shield(task), milliseconds(given, "timeout_ms"));
  report.note("awaited once more, it gave: " + co_await task);
}

Coroutine<> blocking_task(LessonReport& report, Duration how_long) {
  LessonSpan& span = report.begin("blocking task");
  span.computing = span.started;
  std::this_thread::sleep_for(how_long);
  LessonReport::end(span, true);
  co_return;
}

Coroutine<> debug(const Parameters& given, LessonReport& report) {
  Debug& mode = *Loop::running().debug();
  const Duration block = milliseconds(given, "block_ms");
  bool named = false;
  mode.slow_callback_duration = block / 2;
  mode.report = [&](const std::string& line) {
    named |= line.find("blocking_task") != line.npos;
    report.note("debug mode: " + line);
  };
  const Task<> task = create_task(blocking_task(report, block));
  co_await delay(report, "delay", block / 4);
  co_await task;
  mode.report = Debug::to_stderr;
  if (!named) throw std::runtime_error("debug mode did not name the task that blocked");
}

}  // namespace

void teach(MakePoller make_poller, std::string_view lesson, const Parameters& given,
           LessonReport& report) {
  Coroutine<> main = [&] {
    if (lesson == "executor") return executor(given, report);
    if (lesson == "blocking_client") return blocking_client(given, report, make_poller);
    if (lesson == "cancel") return cancel(given, report);
    if (lesson == "timeout") return timeout(given, report);
    if (lesson == "shield") return shielded(given, report);
    if (lesson == "debug") return debug(given, report);
    throw std::invalid_argument("no lesson " + std::string(lesson));
  }();
  run(std::move(main), lesson == "debug", make_poller);
}

}  // namespace contend::coro
