// One sample of one cell: of hosts that misbehave, each in its own way, and of one whose slowness
// is known.
#include "harness/bench/cell.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engines/engine.hpp"
#include "harness/process/child.hpp"
#include "harness/testing/testing.hpp"

namespace contend {
namespace {

using namespace std::chrono_literals;
using testing::complains;

const std::string misbehaving = CONTEND_SOURCE_DIR "/harness/bench/misbehaving_host.py";

class CellTest : public ::testing::Test {
 protected:
  /// The engines of that program.
  Bench bench(const std::string& program) {
    if (!hosts_.contains(program)) hosts_.emplace(program, ask_host(guard_, {program}, {}));
    return {.guard = guard_,
            .host = hosts_.at(program),
            .origin = CONTEND_ENGINE_BINARY,
            .load = CONTEND_BINARY,
            .placement = choose_placement(cores_allowed()),
            .patience = {.listening = 10s,
                         .answer = 10s,
                         .connected = 10s,
                         .beyond_window = 10s,
                         .whole = 20s,
                         .stop = 5s}};
  }
  /// One sample, after which nothing may be left.
  Sample measured(const Bench& with, const Cell& cell) const {
    const Sample sample = measure(with, cell);
    EXPECT_EQ(guard_.kill_orphans(), 0U);
    EXPECT_EQ(sample.cell, cell.id());
    EXPECT_EQ(sample.reason.has_value(), sample.status != Sample::Status::ok);
    return sample;
  }
  Cell echo(const std::string& engine, unsigned connections = 4) const {
    Cell cell{.engine = engine,
              .workload = "echo",
              .role = Role::serve,
              .connections = connections,
              .options = {}};
    cell.options.window = 200ms;
    cell.options.warmup = 10ms;
    return cell;
  }
  Cell jobs(const std::string& engine) const {
    return {
        .engine = engine, .workload = "sleep", .role = Role::run, .connections = 0, .options = {}};
  }
  /// The misbehaving engine's sample is failed, for a reason that has these words in it.
  void expect_failure(const Cell& cell, const std::string& reason, Bench with) {
    const Sample sample = measured(with, cell);
    EXPECT_EQ(sample.status, Sample::Status::failed) << cell.id();
    EXPECT_NE(sample.reason.value_or("").find(reason), std::string::npos)
        << cell.id() << " says: " << sample.reason.value_or("");
  }
  void expect_failure(const Cell& cell, const std::string& reason) {
    expect_failure(cell, reason, bench(misbehaving));
  }

  Guard guard_;

 private:
  std::map<std::string, Host> hosts_;
};

TEST_F(CellTest, TellsAGoodHostFromItsFellows) {
  const Sample served = measured(bench(misbehaving), echo("good"));
  EXPECT_EQ(served.status, Sample::Status::ok) << *served.reason;
  EXPECT_GT(served.operations, 0U);
  const Sample run = measured(bench(misbehaving), jobs("good"));
  EXPECT_EQ(run.status, Sample::Status::ok) << *run.reason;
  EXPECT_EQ(run.operations, 2U);
}

TEST_F(CellTest, RecordsCrashesWithTheLastWords) {
  for (const Cell& cell : {echo("crashes"), jobs("crashes")})
    expect_failure(cell, "signal 11 (Segmentation fault) before it said what it should: about to");
  for (const Cell& cell : {echo("exits"), jobs("exits")})
    expect_failure(cell, "exit code 3 before it said what it should: no such luck");
}

TEST_F(CellTest, RecordsRubbish) {
  for (const Cell& cell : {echo("talks_rubbish"), jobs("talks_rubbish")})
    expect_failure(cell, R"(said what is no JSON object: 'Hello, \x1b[31mworld')");
  for (const Cell& cell : {echo("nests_deep"), jobs("nests_deep")})
    expect_failure(cell, "is nested deeper than 100 levels");
  expect_failure(echo("talks_without_end"), "said a line of more than");
  expect_failure(jobs("reports_nonsense"), "report: wall_ns: must be an integer, not '\"long\"'");
}

TEST_F(CellTest, CutsOffWhatHangs) {
  Bench impatient = bench(misbehaving);
  impatient.patience.listening = impatient.patience.answer = impatient.patience.whole = 1s;
  const TimePoint began = Clock::now();
  for (const Cell& cell : {echo("says_nothing"), jobs("says_nothing")})
    expect_failure(cell, "hung: said nothing in time", impatient);
  expect_failure(echo("never_answers"), "hung: did not answer the first request", impatient);
  EXPECT_LT(Clock::now() - began, 10s);
}

TEST_F(CellTest, IsNotReadyBeforeOneCorrectAnswer) {
  expect_failure(echo("answers_wrongly"), "the first answer was wrong: wrong_body");
  expect_failure(echo("listens_nowhere"), "the first answer was wrong: refused");
}

TEST_F(CellTest, SkipsWhatIsNotAvailable) {
  for (const Cell& cell : {echo("unavailable"), jobs("unavailable")}) {
    const Sample sample = measured(bench(misbehaving), cell);
    EXPECT_EQ(sample.status, Sample::Status::skipped);
    EXPECT_EQ(sample.reason, "needs a newer kernel");
  }
}

TEST_F(CellTest, CountsWrongAnswersUnderLoad) {
  const Sample sample = measured(bench(misbehaving), echo("turns_wrong"));
  EXPECT_EQ(sample.status, Sample::Status::ok) << sample.reason.value_or("");
  EXPECT_GT(sample.operations, 0U);
  ASSERT_TRUE(sample.errors.contains("wrong_body"));
  EXPECT_GT(sample.errors.at("wrong_body"), 0U);
}

TEST_F(CellTest, RecordsAnEndUnderLoad) {
  expect_failure(echo("dies_under_load"), "exit code 4 before it was told to: the load was too");
}

TEST_F(CellTest, RecordsABadEnd) {
  Bench impatient = bench(misbehaving);
  impatient.patience.stop = 300ms;
  expect_failure(echo("ignores_sigterm"), "did not end when told to", impatient);
  expect_failure(echo("fails_at_the_end"), "exit code 5 before it was done stopping: could not");
  expect_failure(echo("ends_without_a_report"), "exit code 0 before it said what it should");
  expect_failure(echo("leaves_a_child"), "the engine left 1 process behind");
  expect_failure(jobs("leaves_a_child"), "the engine left 1 process behind");
}

TEST_F(CellTest, RecordsJobsThatWereNotDone) {
  expect_failure(jobs("does_half"), "1 of 2 operations were not done correctly");
  expect_failure(jobs("reports_nothing"), "exit code 0 before it said what it should");
}

TEST_F(CellTest, EndsWithItsProcessesWhenInterrupted) {
  StopSource stop;
  stop.request();
  Bench interrupted = bench(misbehaving);
  interrupted.stop = stop.token();
  EXPECT_THROW(measure(interrupted, echo("good")), Interrupted);
  EXPECT_EQ(guard_.kill_orphans(), 0U);
}

// The truth: an engine that answers after exactly 5 ms. A machine that is busy with other things
// can only make it slower, so the best of some tries counts; none may be faster.
TEST_F(CellTest, ReadsFiveMillisecondsAsFiveMilliseconds) {
  const TimePoint deadline = Clock::now() + 60s;
  constexpr double truth_ns = 5e6, tolerance_ns = 0.3e6;
  Cell cell = echo("delay", 8);
  cell.options.delay = 5ms;
  cell.options.window = 200ms;
  double best_ns = 1e12;
  while (best_ns > truth_ns + tolerance_ns && Clock::now() < deadline) {
    const Sample sample = measured(bench(CONTEND_ENGINE_BINARY), cell);
    ASSERT_EQ(sample.status, Sample::Status::ok) << *sample.reason;
    EXPECT_TRUE(sample.errors.empty());
    EXPECT_GT(*sample.metrics.at("fairness_jain"), 0.9);
    EXPECT_FALSE(sample.client_limited);
    const double latency_ns = *sample.metrics.at("latency_p50_ns");
    EXPECT_LT(*sample.metrics.at("throughput_per_s"), 8 / 0.005 * 1.05);
    best_ns = std::min(best_ns, latency_ns);
  }
  EXPECT_NEAR(best_ns, truth_ns, tolerance_ns);
}

// Every engine that can be measured on a workload is, and gives all of the role's metrics.
TEST_F(CellTest, MeasuresEveryEngineInEveryRole) {
  for (const Workload& workload : workloads())
    for (const Engine& engine : engines()) {
      if (engine.unavailable != nullptr && engine.unavailable() != nullptr) continue;
      if (workload.role == Role::lesson && engine.lesson == nullptr) continue;
      Cell cell{.engine = std::string(engine.name),
                .workload = std::string(workload.name),
                .role = workload.role,
                .connections = has_connections(workload.role) ? 2U : 0U,
                .options = {}};
      cell.options.window = 40ms;
      cell.options.warmup = 10ms;
      for (const ParameterSpec& spec : workload.parameters) {
        if (spec.name == "n" || spec.name == "fib_n")
          cell.options.parameters[std::string(spec.name)] = 15;
        if (spec.name == "limit") cell.options.parameters[std::string(spec.name)] = 1000;
        if (spec.name == "wait_ms" || spec.name == "step_ms" || spec.name == "tick_ms")
          cell.options.parameters[std::string(spec.name)] =
              std::min<std::int64_t>(spec.fallback, 5);
      }
      Sample sample = measured(bench(CONTEND_ENGINE_BINARY), cell);
      // A machine that is busy with other things may give a short window no time at all.
      for (int tries = 0; tries < 9 && sample.reason == "no correct reply in the window"; ++tries)
        sample = measured(bench(CONTEND_ENGINE_BINARY), cell);
      EXPECT_EQ(sample.status, Sample::Status::ok)
          << cell.id() << ": " << sample.reason.value_or("");
      EXPECT_TRUE(sample.errors.empty()) << cell.id();
      for (const char* name : {"throughput_per_s", "latency_p50_ns", "latency_max_ns",
                               "cpu_ns_per_operation", "engine_cpu_share"})
        EXPECT_TRUE(sample.metrics.contains(name)) << cell.id() << " has no " << name;
      const char* const of_role =
          workload.role == Role::serve ? "memory_per_connection_bytes" : "wall_ns";
      EXPECT_TRUE(sample.metrics.contains(of_role)) << cell.id() << " has no " << of_role;
      EXPECT_EQ(sample.spans.empty(), workload.role == Role::serve) << cell.id();
    }
}

}  // namespace
}  // namespace contend
