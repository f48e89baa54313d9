// Watching processes of known behaviour.
#include "harness/load/server/server_watch.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <thread>

#include "harness/process/process_testing.hpp"
#include "harness/testing/testing.hpp"

namespace contend::load {
namespace {

using namespace std::chrono_literals;
using testing::burn;
using testing::complains;
using testing::eventually;
using testing::Flags;
using testing::Forked;
using testing::stay;
using testing::wait_for;

/// Whether it sleeps; then what the scheduler tells of it is not a tick old.
bool is_asleep(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  const std::string stat{std::istreambuf_iterator<char>(file), {}};
  return stat.find(") S") != std::string::npos;
}

TEST(ServerWatch, TellsWhatAServerOfOneThreadUsed) {
  Flags flags(2);
  const Forked server([&] {
    wait_for(flags[0], 1);
    burn(300ms);
    flags[1] = 1;
    stay();
  });
  ServerWatch watch(server.pid());
  flags[0] = 1;
  ASSERT_TRUE(eventually([&] { return flags[1] == 1 && is_asleep(server.pid()); }));
  EXPECT_GE(watch.read().value(), 300ms);
  EXPECT_LT(watch.read().value(), 300ms) << "since the last reading";
  const ServerUse use = watch.use();
  EXPECT_EQ(use.pid, server.pid());
  EXPECT_GE(use.usage.cpu, 300ms);
  EXPECT_GT(use.usage.voluntary_switches.value(), 0U);
  EXPECT_FALSE(use.ended);
  // However many CPUs there are, it can use one.
  EXPECT_GE(use.cpu_share, share(280ms, use.usage.wall));
  EXPECT_LE(use.cpu_share, 1);
  EXPECT_LE(use.waited_share.value_or(0), 1);
}

TEST(ServerWatch, NamesTheBusiestOfManyThreads) {
  Flags flags(2);
  const Forked server([&] {
    std::vector<std::thread> idle;
    for (int i = 0; i < 7; ++i) idle.emplace_back(stay);
    flags[1] = 1;
    wait_for(flags[0], 1);
    burn(300ms);
    flags[1] = 2;
    stay();
  });
  ASSERT_TRUE(eventually([&] { return flags[1] == 1; }));
  ServerWatch watch(server.pid());
  flags[0] = 1;
  ASSERT_TRUE(eventually([&] { return flags[1] == 2; }));
  ASSERT_TRUE(watch.read());
  const ServerUse use = watch.use();
  EXPECT_GE(use.cpu_share, share(280ms, use.usage.wall)) << "idle threads are no room";
}

TEST(ServerWatch, CountsProcessesThatCameAndWent) {
  Flags flags(2);
  const Forked server([&] {
    wait_for(flags[0], 1);
    for (int i = 0; i < 5; ++i) {
      const pid_t child = fork();
      if (child == 0) {
        burn(60ms);
        _exit(0);
      }
      waitpid(child, nullptr, 0);
    }
    flags[1] = 1;
    stay();
  });
  ServerWatch watch(server.pid());
  flags[0] = 1;
  ASSERT_TRUE(eventually([&] { return flags[1] == 1; }));
  ASSERT_TRUE(watch.read());
  const ServerUse use = watch.use();
  EXPECT_GE(use.usage.cpu, 240ms) << "of 300 ms, in ticks of 10 ms";
  EXPECT_FALSE(use.usage.voluntary_switches) << "theirs are lost";
}

TEST(ServerWatch, KeepsWhatWasReadOfAServerThatEnds) {
  Flags flags(1);
  Forked server([&] {
    burn(100ms);
    flags[0] = 1;
    stay();
  });
  ServerWatch watch(server.pid());
  ASSERT_TRUE(eventually([&] { return flags[0] == 1; }));
  const auto cpu = watch.read();
  ASSERT_TRUE(cpu);
  server.end();
  EXPECT_FALSE(watch.read());
  const ServerUse use = watch.use();
  EXPECT_EQ(use.usage.cpu, *cpu);
  EXPECT_GT(use.memory_end_bytes, 0U);
  EXPECT_GE(use.ended.value(), use.usage.wall);
  EXPECT_NE(text(use).find("the server ended"), std::string::npos) << text(use);
}

TEST(ServerWatch, SeesMemoryThatCameAndWent) {
  constexpr std::size_t bytes = 32 << 20;
  Flags flags(2);
  const Forked server([&] {
    void* const held = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    flags[1] = 1;
    wait_for(flags[0], 1);
    munmap(held, bytes);
    flags[1] = 2;
    stay();
  });
  ASSERT_TRUE(eventually([&] { return flags[1] == 1; }));
  ServerWatch watch(server.pid());
  flags[0] = 1;
  ASSERT_TRUE(eventually([&] { return flags[1] == 2; }));
  const ServerUse use = watch.use();
  EXPECT_GE(use.memory_peak_bytes, bytes);
  EXPECT_GE(use.memory_peak_bytes, use.memory_end_bytes + bytes / 2);
}

TEST(ServerWatch, RefusesWhatIsNoServer) {
  Forked server([] { stay(); });
  const pid_t gone = server.pid();
  server.end();
  EXPECT_TRUE(complains([&] { ServerWatch watch(gone); }, "there is no process"));
  EXPECT_TRUE(complains([&] { ServerWatch watch(0); }, "there is no process 0"));
  EXPECT_TRUE(complains([] { ServerWatch watch(getpid()); }, "this load is a descendant"));
  const Forked ended([] {});
  ASSERT_TRUE(eventually([&] {
    siginfo_t how{};
    return waitid(P_PID, static_cast<id_t>(ended.pid()), &how, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           how.si_pid == ended.pid();
  }));
  EXPECT_TRUE(complains([&] { ServerWatch watch(ended.pid()); }, "has ended"));
}

TEST(ServerWatch, IsToldInALineAndAsJson) {
  ServerUse use{.pid = 7,
                .usage = {.wall = 10s,
                          .cpu = 9300ms,
                          .user = 1300ms,
                          .system = 8s,
                          .voluntary_switches = 1'900'000,
                          .involuntary_switches = 100'000},
                .answered = 1'000'000,
                .memory_peak_bytes = 12 << 20,
                .memory_end_bytes = 11 << 20};
  EXPECT_EQ(text(use),
            "server CPU 93 % of a core, 9.3 us an answer (1.3 us user, 8 us system); "
            "2.00 context switches an answer; memory 12.0 MiB at most, 11.0 MiB at the end");
  EXPECT_EQ(to_json(use)["cpu_user_ns"], 1'300'000'000);
  EXPECT_TRUE(to_json(use)["ended_ns"].is_null());
  use = {.pid = 7, .usage = {.wall = 10s}};
  EXPECT_EQ(text(use), "server CPU 0 % of a core; memory 0.00 MiB at most, 0.00 MiB at the end");
  EXPECT_TRUE(to_json(use)["voluntary_switches"].is_null());
}

}  // namespace
}  // namespace contend::load
