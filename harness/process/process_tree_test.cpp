// Process trees of known behaviour.
#include "harness/process/process_tree.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <thread>

#include "harness/process/process_testing.hpp"
#include "harness/testing/testing.hpp"

namespace contend {
namespace {

using namespace std::chrono_literals;

using testing::burn;
using testing::eventually;
using testing::Flags;
using testing::Forked;
using testing::stay;
using testing::wait_for;

TEST(ProcessTreeTest, CpuOfAChildIsWhatItBurnt) {
  Flags flags(2);
  const Forked child([&] {
    wait_for(flags[0], 1);
    burn(200ms);
    flags[1] = 1;
    stay();
  });
  const TreeReading before = read_tree(child.pid());
  EXPECT_EQ(before.processes, 1U);
  EXPECT_GE(before.threads.size(), 1U);
  flags[0] = 1;
  ASSERT_TRUE(eventually([&] { return flags[1] == 1; }));
  const TreeUsage usage = usage_between(before, read_tree(child.pid()));
  EXPECT_GE(usage.cpu, 200ms);
  EXPECT_LE(usage.cpu, 230ms);
  EXPECT_GE(usage.wall, usage.cpu);
  ASSERT_TRUE(usage.user && usage.system);
  EXPECT_EQ(*usage.user + *usage.system, usage.cpu);
  EXPECT_GT(*usage.user, 0ns);
}

TEST(ProcessTreeTest, GrandchildrenAreCountedAliveAndReaped) {
  Flags flags(3);
  const Forked child([&] {
    Forked grandchild([&] {
      wait_for(flags[0], 1);
      burn(100ms);
      flags[1] = 1;
      stay();
    });
    wait_for(flags[0], 2);
    grandchild.end();
    flags[2] = 1;
    stay();
  });
  ASSERT_TRUE(eventually([&] { return read_tree(child.pid()).processes == 2; }));
  const TreeReading before = read_tree(child.pid());
  EXPECT_GE(before.threads.size(), 2U);  // the thread sanitizer adds one of its own
  flags[0] = 1;
  ASSERT_TRUE(eventually([&] { return flags[1] == 1; }));
  const TreeReading alive = read_tree(child.pid());
  EXPECT_GE(usage_between(before, alive).cpu, 100ms);
  EXPECT_LE(usage_between(before, alive).cpu, 150ms);
  flags[0] = 2;
  ASSERT_TRUE(eventually([&] { return flags[2] == 1; }));
  const TreeReading reaped = read_tree(child.pid());
  EXPECT_EQ(reaped.processes, 1U);
  // From nanoseconds to ticks: two numbers, each rounded down to 10 ms.
  EXPECT_GE(usage_between(before, reaped).cpu, 80ms);
  EXPECT_LE(usage_between(before, reaped).cpu, 150ms);
}

TEST(ProcessTreeTest, ThreadsAreCountedEvenWhenTheyHaveEnded) {
  Flags flags(3);
  const Forked child([&] {
    std::thread ends([&] {
      flags[2] += 1;
      wait_for(flags[0], 1);
      burn(100ms);
    });
    std::thread stays([&] {
      flags[2] += 1;
      wait_for(flags[0], 2);
    });
    ends.join();
    flags[1] = 1;
    stays.join();
    stay();
  });
  ASSERT_TRUE(eventually([&] { return flags[2] == 2; }));
  const TreeReading before = read_tree(child.pid());
  flags[0] = 1;
  ASSERT_TRUE(eventually([&] { return flags[1] == 1; }));
  const TreeReading after = read_tree(child.pid());
  EXPECT_EQ(after.processes, 1U);
  EXPECT_GE(usage_between(before, after).cpu, 100ms);
  // A thread that was joined is in /proc a moment longer.
  EXPECT_TRUE(eventually([&] {
    return !usage_between(before, read_tree(child.pid())).voluntary_switches;
  })) << "nobody knows how many the one that ended had";
  flags[0] = 2;
}

TEST(ProcessTreeTest, VoluntarySwitchesAreThoseOfAPingPong) {
  Flags flags(2);
  constexpr int naps = 50;
  const Forked child([&] {
    wait_for(flags[0], 1);
    for (int i = 0; i < naps; ++i) std::this_thread::sleep_for(100us);
    flags[1] = 1;
    for (;;) burn(1s);
  });
  const TreeReading before = read_tree(child.pid());
  flags[0] = 1;
  ASSERT_TRUE(eventually([&] { return flags[1] == 1; }));
  const TreeUsage usage = usage_between(before, read_tree(child.pid()));
  EXPECT_GE(usage.voluntary_switches, static_cast<std::uint64_t>(naps));
  EXPECT_LE(usage.voluntary_switches, static_cast<std::uint64_t>(naps) + 100);
  const TreeReading bare = read_tree(child.pid(), false);
  ASSERT_GE(bare.threads.size(), 1U);
  EXPECT_EQ(bare.threads[0].voluntary_switches, 0U);
}

TEST(ProcessTreeTest, MemoryGrowsByWhatIsTouchedAndSharedPagesAreSharedOut) {
  Flags flags(2);
  constexpr std::size_t megabytes = 64, size = megabytes << 20;
  const Forked child([&] {
    wait_for(flags[0], 1);
    void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) _exit(1);
    std::memset(memory, 1, size);
    flags[1] = 1;
    wait_for(flags[0], 2);
    const Forked twin([&] {
      flags[1] = 2;
      stay();
    });
    stay();
  });
  const std::uint64_t before = tree_memory(child.pid()).bytes;
  EXPECT_GT(before, 0U);
  flags[0] = 1;
  ASSERT_TRUE(eventually([&] { return flags[1] == 1; }));
  const std::uint64_t alone = tree_memory(child.pid()).bytes;
  EXPECT_GE(alone, before + size - (1 << 20));
  flags[0] = 2;
  ASSERT_TRUE(eventually([&] { return flags[1] == 2; }));
  // Resident sets would add up to twice as much.
  EXPECT_LE(tree_memory(child.pid()).bytes, alone + size / 2);
}

TEST(ProcessTreeTest, ProcessesThatAreGoneOrGoingAreLeftOut) {
  pid_t gone = 0;
  {
    const Forked child(stay);
    gone = child.pid();
  }
  EXPECT_EQ(read_tree(gone).processes, 0U);
  EXPECT_EQ(tree_memory(gone).bytes, 0U);
  const TreeUsage none = usage_between(read_tree(gone), read_tree(gone));
  EXPECT_EQ(none.cpu, 0ns);
  EXPECT_FALSE(none.user.has_value());

  // Children that come and go while the tree is read, a few hundred times.
  const Forked child([] {
    for (;;) {
      const pid_t brief = fork();
      if (brief == 0) _exit(0);
      waitpid(brief, nullptr, 0);
    }
  });
  TreeReading previous = read_tree(child.pid());
  for (int i = 0; i < 300; ++i) {
    TreeReading next = read_tree(child.pid());
    ASSERT_GE(next.processes, 1U);
    ASSERT_GE(usage_between(previous, next).cpu, 0ns);
    previous = std::move(next);
  }
}

TEST(ProcessTreeTest, ATreeOf256ThreadsIsReadInAFewMilliseconds) {
  constexpr std::size_t threads = 256;
  const Forked child([] {
    std::vector<std::thread> sleepers;
    for (std::size_t i = 1; i < threads; ++i) sleepers.emplace_back(stay);
    stay();
  });
  ASSERT_TRUE(eventually([&] { return read_tree(child.pid()).threads.size() >= threads; }));
  auto quickest = Clock::duration::max();
  for (int i = 0; i < 10; ++i) {
    const auto began = Clock::now();
    const TreeReading reading = read_tree(child.pid());
    quickest = std::min(quickest, Clock::now() - began);
    EXPECT_GE(reading.threads.size(), threads);
  }
  RecordProperty("quickest_us", static_cast<int>(quickest / 1us));
  EXPECT_LT(quickest, 100ms);  // 1.3 ms at 2.6 GHz
}

}  // namespace
}  // namespace contend
