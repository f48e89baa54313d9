// Servers that start, answer, don't, end too early and don't want to end.
#include "harness/load/server/started_server.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "engines/test_server.hpp"
#include "harness/load/report.hpp"
#include "harness/testing/testing.hpp"

namespace contend::load {
namespace {

using namespace std::chrono_literals;
using testing::complains;

using testing::patience;

class StartedServerTest : public ::testing::Test {
 protected:
  std::string socket() const { return "unix:" + (folder_.path() / "socket").string(); }
  /// An echo server at that socket.
  std::string serving() const {
    return CONTEND_ENGINE_BINARY " serve epoll echo --listen " + socket();
  }
  RunSpec spec() const {
    return {.target = Target::parse("tcp://" + socket()), .connections = 2, .duration = 300ms};
  }
  std::unique_ptr<StartedServer> start(const std::string& command) const {
    return std::make_unique<StartedServer>(command, spec().target.endpoint);
  }
  std::string content_of(const std::string& name) const {
    std::ifstream file(folder_.path() / name);
    std::string content;
    std::getline(file, content);
    return content;
  }
  static bool is_gone(pid_t group) { return kill(-group, 0) != 0 && errno == ESRCH; }

  testing::TemporaryFolder folder_;
};

TEST_F(StartedServerTest, IsWatchedInARun) {
  auto server = start(serving());
  server->await_answer(spec(), {}, patience);
  RunSpec watched = spec();
  watched.server = server->pid();
  const RunReport report = run(watched, {}, [](const Progress&) {});
  ASSERT_TRUE(report.server);
  EXPECT_GT(report.server->usage.cpu, 0ns);
  EXPECT_EQ(report.server->answered, report.answered);
  EXPECT_EQ(report.signals.server_cpu_share, report.server->cpu_share);
  EXPECT_EQ(report.seconds.back().server_cpu, report.server->usage.cpu) << "there is one row";
  EXPECT_NE(text(watched, report).find("server CPU"), std::string::npos);
  EXPECT_EQ(to_json(watched, report, {})["server"]["pid"], server->pid());
  EXPECT_EQ(server->ending(), std::nullopt);
  const pid_t group = server->pid();
  server.reset();
  EXPECT_TRUE(is_gone(group));
}

/// A thread a connection, which ends with it, but soon after it: that of the first answer has to be
/// gone, whose switches would be lost otherwise.
TEST_F(StartedServerTest, IsReadBeforeItsConnectionsAreClosed) {
  StartedServer server(CONTEND_ENGINE_BINARY " serve threads echo --listen " + socket(),
                       spec().target.endpoint);
  server.await_answer(spec(), {}, patience);
  const std::filesystem::path threads = fmt::format("/proc/{}/task", server.pid());
  const auto count = [&] {
    return std::distance(std::filesystem::directory_iterator(threads), {});
  };
  RunSpec watched = spec();
  watched.server = server.pid();
  watched.connections = 1;
  // On a busy machine what the scheduler tells of a thread may be too old to account for all.
  bool is_told = false;
  for (int attempt = 0; attempt < 8 && !is_told; ++attempt) {
    ASSERT_TRUE(testing::eventually([&] { return count() == 1; })) << count();
    const RunReport report = run(watched, {}, [](const Progress&) {});
    is_told = report.server.value().usage.voluntary_switches.has_value();
  }
  EXPECT_TRUE(is_told) << "its thread was never there any more";
}

TEST_F(StartedServerTest, MayBeAWholeScriptWhoseProcessesAllHaveTimeForTheEnd) {
  const std::string farewell = (folder_.path() / "farewell").string(), ready = farewell + "-ready";
  auto server = start("(trap 'sleep 0.1; echo bye >" + farewell + "; exit' TERM; : >" + ready +
                      "; while :; do sleep 0.01; done) & until [ -e " + ready +
                      " ]; do sleep 0.01; done; cd / && " + serving() + "; echo over");
  server->await_answer(spec(), {}, patience);
  const pid_t group = server->pid();
  server.reset();
  EXPECT_TRUE(is_gone(group));
  EXPECT_EQ(content_of("farewell"), "bye");
}

/// Whoever interrupts does not wait for a server that ignores being asked.
TEST_F(StartedServerTest, IsKilledSoonIfTheRunIsInterrupted) {
  StopSource interruption;
  auto server = std::make_unique<StartedServer>(
      "trap '' TERM; " + serving() + " & while :; do sleep 0.01; done", spec().target.endpoint,
      interruption.token());
  server->await_answer(spec(), {}, patience);
  interruption.request();
  const TimePoint began = Clock::now();
  server.reset();
  EXPECT_LT(Clock::now() - began, StartedServer::patience_with_the_end);
}

TEST_F(StartedServerTest, IsKilledWhereItDoesNotEnd) {
  auto server = start("trap '' TERM; " + serving() + " & while :; do sleep 0.01; done");
  server->await_answer(spec(), {}, patience);
  const pid_t group = server->pid();
  ::testing::internal::CaptureStderr();
  server.reset();
  EXPECT_TRUE(is_gone(group));
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "waiting up to 5 s for the server to end after SIGTERM\n");
}

TEST_F(StartedServerTest, SaysWhyItEndedBeforeTheLoad) {
  const auto refused = [&](const std::string& command, const std::string& why) {
    const auto server = start(command);
    EXPECT_TRUE(complains([&] { server->await_answer(spec(), {}, patience); }, why));
  };
  refused("echo one; echo 'no \033[1m port' >&2; exit 3", "exit code 3: one / no \\x1b[1m port");
  refused("/nonexistent/server", "exit code 127");
  refused("kill -9 $$", "signal 9");
  refused("true", "exit code 0; it has to stay in the foreground");
}

TEST_F(StartedServerTest, SaysThatItGaveNoRightAnswer) {
  const auto silent = start("echo starting; exec sleep 600");
  RunSpec over_http = spec();
  over_http.target = Target::parse("http://" + socket());
  EXPECT_TRUE(complains([&] { silent->await_answer(over_http, {}, 200ms); },
                        "the last attempt: refused, No such file or directory; it said: starting"));
  StopSource stop;
  stop.request();
  EXPECT_THROW(silent->await_answer(spec(), stop.token(), patience), Interrupted);
}

TEST_F(StartedServerTest, IsNotStartedWhereSomebodyElseWouldAnswer) {
  test::TestServer other([](test::Client& peer) { peer.receive_all(); });
  const Endpoint taken = Endpoint::loopback(other.port());
  EXPECT_TRUE(complains([&] { StartedServer server("true", taken); }, "accepts connections"));
}

/// Bytes that this process holds in memory: its own, and those of its files in memory.
std::uintmax_t held_bytes() {
  std::uint64_t pages = 0, resident_pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident_pages;
  std::uintmax_t bytes = resident_pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  for (const auto& fd : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    if (std::filesystem::read_symlink(fd, gone).string().starts_with("/memfd:"))
      bytes += std::filesystem::file_size(fd);
  }
  return bytes;
}

TEST_F(StartedServerTest, MayPrintWithoutEnd) {
  constexpr std::uintmax_t printed = 100'000'000;
  const std::uintmax_t before = held_bytes();
  auto server =
      start(fmt::format("head -c {} /dev/zero | tr '\\0' x; echo; echo last; {}; "
                        "echo very last; exit 5",
                        printed, serving()));
  server->await_answer(spec(), {}, patience);
  EXPECT_LT(held_bytes(), before + printed / 4);
  kill(-server->pid(), SIGTERM);
  ASSERT_TRUE(testing::eventually([&] { return server->ending().has_value(); }));
  EXPECT_NE(server->ending()->find("last"), std::string::npos) << *server->ending();
}

}  // namespace
}  // namespace contend::load
