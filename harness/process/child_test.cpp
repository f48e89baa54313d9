// Children that speak, say nothing, talk rubbish, crash and don't want to go; and what is left.
#include "harness/process/child.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

#include <array>
#include <fstream>

#include "harness/testing/testing.hpp"

namespace contend {
namespace {

using namespace std::chrono_literals;
using testing::complains;
using testing::eventually;

constexpr Duration soon = 10s;

class ChildTest : public ::testing::Test {
 protected:
  std::unique_ptr<Child> shell(const std::string& script) {
    return std::make_unique<Child>(guard_, Command{.arguments = {"sh", "-c", script}});
  }
  std::string read(Child& child, Duration patience = soon) {
    return child.read(Clock::now() + patience, {}, {}).dump();
  }
  bool alive(pid_t pid) { return kill(pid, 0) == 0; }

  Guard guard_;
};

TEST_F(ChildTest, SpeaksInLinesAndEnds) {
  const auto child = shell(R"(echo '{"a": 1}'; printf '{"b"'; echo ': 2}'; echo last >&2; exit 3)");
  EXPECT_EQ(read(*child), R"({"a":1})");
  EXPECT_EQ(read(*child), R"({"b":2})");
  EXPECT_TRUE(complains([&] { read(*child); }, "sh -c ended with exit code 3 before it"));
  const Ending ending = child->wait(Clock::now() + soon);
  EXPECT_EQ(ending.kind, Ending::Kind::exited);
  EXPECT_EQ(ending.number, 3);
  EXPECT_EQ(child->stderr_text(), "last");
}

TEST_F(ChildTest, SaysAllUpToItsCleanEnd) {
  const auto all = [&](Child& child, Duration patience = soon) {
    return child.read_all(Clock::now() + patience, {});
  };
  EXPECT_EQ(all(*shell("echo one; echo oops >&2; echo two; printf three")), "one\ntwo\nthree");
  EXPECT_EQ(all(*shell("true")), "");
  EXPECT_EQ(all(*shell("exec >&-; exit 0")), "");
  const std::size_t much = 1'000'000;  // more than a pipe holds
  EXPECT_EQ(all(*shell("head -c 1000000 /dev/zero")).size(), much);
  EXPECT_TRUE(complains([&] { all(*shell("echo one; echo oops >&2; exit 3")); },
                        "ended with exit code 3 before it was done: oops"));
  EXPECT_TRUE(complains([&] { all(*shell("echo one; sleep 60"), 50ms); }, "did not end in time"));
  EXPECT_THROW(all(*shell("exit 77")), ChildUnavailable);
  StopSource source;
  source.request();
  const auto child = shell("sleep 60");
  EXPECT_THROW(child->read_all(Clock::now() + soon, source.token()), Interrupted);
}

TEST_F(ChildTest, MaySpeakIntoAFile) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.file("said", "");
  const Fd file(open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  Child child(guard_, {.arguments = {"sh", "-c", "echo one; echo two >&2"}, .output = file.get()});
  EXPECT_TRUE(child.wait(Clock::now() + soon).clean());
  EXPECT_EQ(child.stderr_text(), "");
  std::ifstream said(path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(said), {}), "one\ntwo\n");
}

TEST_F(ChildTest, IsAFailureWithItsLastWordsWhereItSaysRubbish) {
  EXPECT_TRUE(complains([&] { read(*shell("echo 'Hello \a'; echo oops >&2; sleep 60")); },
                        "said what is no JSON object: 'Hello \\x07'"));
  EXPECT_TRUE(complains([&] { read(*shell("echo '[1]'")); }, "no JSON object: '[1]'"));
  EXPECT_TRUE(complains([&] { read(*shell("printf '{\"a\":%060000d}\\n' 0 | tr 0 '['")); },
                        "nested deeper than 100 levels"));
}

TEST_F(ChildTest, IsAFailureWhereItSaysNothing) {
  const TimePoint began = Clock::now();
  EXPECT_TRUE(complains([&] { read(*shell("exec sleep 60"), 50ms); }, "hung"));
  EXPECT_LT(Clock::now() - began, soon);
}

TEST_F(ChildTest, KeepsNoDeadlineWaitingByComplainingAllTheTime) {
  const auto child = shell("trap '' TERM; while :; do echo and another thing >&2; done");
  const TimePoint began = Clock::now();
  EXPECT_TRUE(complains([&] { read(*child, 100ms); }, "hung"));
  EXPECT_EQ(child->stop(100ms).kind, Ending::Kind::killed);
  EXPECT_LT(Clock::now() - began, soon);
}

TEST_F(ChildTest, IsAFailureWhereItClosesItsOutputOrLeavesALineUnfinished) {
  EXPECT_TRUE(complains([&] { read(*shell("exec >&- 2>&-; exec sleep 60")); },
                        "closed its output and went on"));
  EXPECT_TRUE(complains([&] { read(*shell("printf '{\"a\"'")); }, "ended with exit code 0"));
}

TEST_F(ChildTest, NamesTheSignalThatEndedIt) {
  EXPECT_TRUE(complains([&] { read(*shell("kill -SEGV $$")); }, "signal 11 (Segmentation fault)"));
}

TEST_F(ChildTest, SaysThatItIsNotAvailableByExit77) {
  try {
    read(*shell("echo 'needs more' >&2; exit 77"));
    ADD_FAILURE();
  } catch (const ChildUnavailable& reason) {
    EXPECT_STREQ(reason.what(), "needs more");
  }
}

TEST_F(ChildTest, ThatCannotBeStartedIsNamed) {
  EXPECT_TRUE(complains([&] { Child(guard_, {.arguments = {"/no/such/program"}}); },
                        "starting /no/such/program: No such file"));
}

TEST_F(ChildTest, MayComplainAtLength) {
  const auto child = shell("seq 1 200000 >&2; echo '{}'");
  EXPECT_EQ(read(*child), "{}");
  child->wait(Clock::now() + soon);
  EXPECT_EQ(child->stderr_text(), "200000");
}

TEST_F(ChildTest, IsEmptiedWhileAnotherIsAwaited) {
  // A pipe holds 64 KiB: this one would never end if nobody read its complaints.
  const auto talker = shell("seq 1 200000 >&2; exec sleep 60");
  const auto speaker = shell("sleep 0.2; echo '{}'");
  const std::array<Child*, 1> others{talker.get()};
  speaker->read(Clock::now() + soon, others, {});
  EXPECT_TRUE(eventually([&] { return talker->stderr_text() == "200000"; }));
}

TEST_F(ChildTest, StopsInGoodOrderOrIsKilled) {
  const auto good = shell("trap 'exit 0' TERM; echo '{}'; while :; do sleep 0.01; done");
  read(*good);
  EXPECT_TRUE(good->stop(soon).clean());

  const auto bad = shell("trap '' TERM; echo '{}'; while :; do sleep 0.01; done");
  read(*bad);
  EXPECT_EQ(bad->stop(100ms).kind, Ending::Kind::killed);
  EXPECT_FALSE(alive(bad->pid()));
}

TEST_F(ChildTest, TakesItsGroupWithIt) {
  const auto child = shell("sleep 60 & echo \"{\\\"pid\\\": $!}\"; wait");
  const auto grandchild = child->read(Clock::now() + soon, {}, {})["pid"].get<pid_t>();
  EXPECT_TRUE(alive(grandchild));
  child->stop(soon);
  // It is a zombie until its reaper, the guard's process, has reaped it.
  EXPECT_GE(guard_.kill_orphans(), 1U);
  EXPECT_FALSE(alive(grandchild));
}

TEST_F(ChildTest, ThatLeavesTheGroupIsKilledAsAnOrphan) {
  const auto child = shell("setsid sleep 60 & echo \"{\\\"pid\\\": $!}\"; wait");
  const auto left = child->read(Clock::now() + soon, {}, {})["pid"].get<pid_t>();
  EXPECT_TRUE(eventually([&] { return getsid(left) == left; }));
  child->stop(soon);
  EXPECT_TRUE(alive(left));
  EXPECT_GE(guard_.kill_orphans(), 1U);
  EXPECT_FALSE(alive(left));
}

TEST_F(ChildTest, RunsOnItsCpus) {
  cpu_set_t allowed;
  ASSERT_EQ(sched_getaffinity(0, sizeof allowed, &allowed), 0);
  unsigned last = 0;
  for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &allowed)) last = cpu;
  Child child(guard_,
              {.arguments = {"sh", "-c", "sed -n 's/Cpus_allowed_list:.//p' /proc/self/status"},
               .cpus = {last}});
  EXPECT_EQ(child.read_line(Clock::now() + soon, {}, {}), std::to_string(last));
  EXPECT_TRUE(complains([&] { Child(guard_, {.arguments = {"true"}, .cpus = {CPU_SETSIZE - 1}}); },
                        "starting true"));
}

TEST_F(ChildTest, IsNotAwaitedAnyLongerAfterAStop) {
  StopSource stop;
  const auto child = shell("exec sleep 60");
  stop.request();
  EXPECT_THROW(child->read(Clock::now() + soon, {}, stop.token()), Interrupted);
}

// The whole tree of a harness that is killed dies, grandchildren too.
TEST(Guard, IsNotMissedWhenItIsGone) {
  const Guard guard;
  std::ifstream list("/proc/self/task/" + std::to_string(gettid()) + "/children");
  pid_t process = 0;
  ASSERT_TRUE(list >> process);
  kill(process, SIGKILL);
  siginfo_t ended{};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(process), &ended, WEXITED | WNOWAIT), 0);
  Child child(guard, {.arguments = {"sh", "-c", "kill -PIPE $$"}});
  EXPECT_EQ(child.wait(Clock::now() + soon).number, SIGPIPE) << "it has to have the default";
}

TEST(Guard, KillsTheGroupsWhenTheHarnessIsKilled) {
  const Guard outer;  // adopts what would be left
  const testing::TemporaryFolder folder;
  const std::string pids = folder.path() / "pids";
  const pid_t harness = fork();
  ASSERT_GE(harness, 0);
  if (harness == 0) {
    const Guard guard;
    const std::string script =
        "sleep 60 & echo $$ $! > " + pids + ".new; mv " + pids + ".new " + pids + "; wait";
    const Child child(guard, {.arguments = {"sh", "-c", script}});
    pause();
    _exit(0);
  }
  pid_t child = 0, grandchild = 0;
  EXPECT_TRUE(eventually([&] { return bool(std::ifstream(pids) >> child >> grandchild); }));
  kill(harness, SIGKILL);
  waitpid(harness, nullptr, 0);
  const auto gone = [](pid_t pid) {
    waitpid(pid, nullptr, WNOHANG);
    return kill(pid, 0) != 0;
  };
  EXPECT_TRUE(eventually([&] { return gone(child) && gone(grandchild); }));
  outer.kill_orphans();
}

}  // namespace
}  // namespace contend
