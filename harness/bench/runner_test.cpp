// The rounds, with a measurement that takes no time; and the files, torn and whole.
#include "harness/bench/runner.hpp"

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/base/files.hpp"
#include "harness/bench/result_testing.hpp"
#include "harness/process/child.hpp"
#include "harness/testing/testing.hpp"

namespace contend {
namespace {

namespace fs = std::filesystem;
using testing::complains;
using testing::some_cells;
using testing::some_result;
using testing::some_sample;

/// A run whose cells answer at once.
struct FakeRun {
  explicit FakeRun(ResultFolder opened, unsigned rounds) : folder(std::move(opened)) {
    result = some_result();
    result.run.rounds = rounds;
    result.run.rounds_finished = 0;
    result.samples.clear();
  }
  /// Goes on; is interrupted when so many have been measured.
  void run(std::size_t interrupted_after = SIZE_MAX) {
    const std::vector<Cell> cells = some_cells();
    Progress progress(cells, std::vector<unsigned>(cells.size(), result.run.rounds),
                      result.run.rounds, nullptr);
    Runner(
        folder, result, progress,
        [&](const Cell& cell) {
          if (order.size() >= interrupted_after) throw Interrupted();
          order.push_back(cell.id());
          return some_sample(cell, 0);
        },
        [] { return Noise{}; })
        .run();
  }

  ResultFolder folder;
  Result result;
  std::vector<std::string> order;
};

TEST(OrderOfRound, IsFreshInEachRoundAndTheSameForTheSameSeed) {
  std::set<std::vector<std::size_t>> orders;
  for (unsigned round = 0; round < 20; ++round) {
    const auto order = order_of_round(7, round, 50);
    EXPECT_EQ(order, order_of_round(7, round, 50));
    EXPECT_NE(order, order_of_round(8, round, 50));
    orders.insert(order);
  }
  EXPECT_EQ(orders.size(), 20U);
  // What this seed gave once, on this machine, it has to give on every other.
  EXPECT_EQ(order_of_round(7, 0, 6), (std::vector<std::size_t>{0, 2, 5, 4, 1, 3}));
}

TEST(Runner, MeasuresEveryCellOnceARound) {
  const testing::TemporaryFolder out;
  FakeRun fake(ResultFolder::create(out.path(), "mine"), 4);
  fake.run();
  const std::size_t cells = some_cells().size();
  ASSERT_EQ(fake.order.size(), 4 * cells);
  for (std::size_t round = 0; round < 4; ++round) {
    const auto first = fake.order.begin() + static_cast<long>(round * cells);
    EXPECT_EQ(std::set<std::string>(first, first + static_cast<long>(cells)).size(), cells);
  }
  EXPECT_TRUE(fake.result.run.complete);
  EXPECT_TRUE(fake.result.run.finished_at);
  EXPECT_EQ(fake.result.cells[0].samples, 4U);
  const Result written = fake.folder.result();
  EXPECT_EQ(to_json(written), to_json(fake.result));
  EXPECT_EQ(fs::canonical(out.path() / "latest"), fs::canonical(fake.folder.path()));
}

TEST(Runner, GoesOnInTheSameOrderAfterAnInterruption) {
  const testing::TemporaryFolder out;
  FakeRun whole(ResultFolder::create(out.path(), "whole"), 4);
  whole.run();
  const std::size_t all = 4 * some_cells().size();
  for (std::size_t after = 0; after < all; ++after) {
    FakeRun cut(ResultFolder::create(out.path(), "cut"), 4);
    EXPECT_THROW(cut.run(after), Interrupted);
    EXPECT_FALSE(cut.folder.result().run.complete);
    EXPECT_EQ(cut.folder.result().samples.size(), after);
    cut.result.samples = cut.folder.samples();
    EXPECT_EQ(cut.result.samples.size(), after);
    cut.run();
    EXPECT_EQ(cut.order, whole.order) << "interrupted after " << after;
    EXPECT_TRUE(cut.folder.result().run.complete);
    EXPECT_EQ(cut.folder.result().samples.size(), all);
  }
}

TEST(ResultFolder, LosesNoWholeLineAndCutsATornOne) {
  const testing::TemporaryFolder out;
  fs::path path;
  {
    ResultFolder folder = ResultFolder::create(out.path(), "mine");
    path = folder.path();
    folder.write(some_result());
    folder.append(some_sample(some_cells()[0], 0));
    folder.append(some_sample(some_cells()[1], 0));
  }
  const std::string whole = content_of(path / "samples.jsonl");
  const std::size_t first_line = whole.find('\n') + 1;
  for (const std::size_t size : {whole.size(), whole.size() - 1, first_line + 1, first_line,
                                 first_line - 1, std::size_t{1}, std::size_t{0}}) {
    fs::resize_file(path / "samples.jsonl", size);
    ResultFolder folder = ResultFolder::open(path);
    const std::size_t kept = size == whole.size() ? 2 : size >= first_line ? 1 : 0;
    EXPECT_EQ(folder.samples().size(), kept) << size;
    folder.append(some_sample(some_cells()[2], 1));
    ASSERT_EQ(folder.samples().size(), kept + 1) << size;
    EXPECT_EQ(folder.samples().back().cell, some_cells()[2].id());
    std::ofstream(path / "samples.jsonl") << whole;
  }
}

TEST(ResultFolder, IsWrittenByOneHarnessAtATime) {
  const testing::TemporaryFolder out;
  ResultFolder folder = ResultFolder::create(out.path(), "mine");
  folder.write(some_result());
  EXPECT_TRUE(
      complains([&] { ResultFolder::open(folder.path()); }, "another contend is writing to it"));
}

TEST(ResultFolder, NamesTheLineThatIsWrong) {
  const testing::TemporaryFolder out;
  ResultFolder folder = ResultFolder::create(out.path(), "mine");
  folder.append(some_sample(some_cells()[0], 0));
  std::ofstream(folder.path() / "samples.jsonl", std::ios::app) << "{\"cell\": 3}\n";
  EXPECT_TRUE(complains([&] { folder.samples(); }, "samples.jsonl:2: cell: must be a string"));
  EXPECT_TRUE(complains([&] { ResultFolder::open(out.path()); }, "there is no result.json"));
}

TEST(ResultFolder, IsTheLatestOnceThereIsSomethingToReadInIt) {
  const testing::TemporaryFolder out;
  const fs::path latest = out.path() / "latest";
  ResultFolder folder = ResultFolder::create(out.path(), "tiny");
  EXPECT_FALSE(fs::exists(fs::symlink_status(latest)));
  folder.write(some_result());
  EXPECT_EQ(fs::canonical(latest), fs::canonical(folder.path()));
}

/// A run that was killed between its first result and the link is resumed.
TEST(ResultFolder, IsTheLatestAfterItIsResumed) {
  const testing::TemporaryFolder out;
  {
    ResultFolder folder = ResultFolder::create(out.path(), "tiny");
    folder.write(some_result());
  }
  const fs::path run = fs::canonical(out.path() / "latest");
  fs::remove(out.path() / "latest");
  fs::create_symlink("gone", out.path() / ".latest.new");
  ResultFolder::open(run).write(some_result());
  EXPECT_EQ(fs::canonical(out.path() / "latest"), run);
  EXPECT_FALSE(fs::exists(fs::symlink_status(out.path() / ".latest.new")));
}

TEST(ResultFolder, TakesOverWhatAKilledRunLeft) {
  const testing::TemporaryFolder out;
  ResultFolder folder = ResultFolder::create(out.path(), "tiny");
  out.file(folder.id() + "/.result.json.new", std::string(1 << 20, 'x'));
  fs::create_symlink("gone", out.path() / ".latest.new");
  folder.write(some_result());
  EXPECT_EQ(folder.result().cells.size(), some_result().cells.size());
  EXPECT_EQ(fs::canonical(out.path() / "latest"), fs::canonical(folder.path()));
  for (const auto& entry : fs::recursive_directory_iterator(out.path()))
    EXPECT_FALSE(entry.path().filename().string().starts_with('.')) << entry.path();
}

/// From here on flock(2) fails in this thread, as on a file system without locks.
void take_locks_away() {
  sock_filter filter[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                          BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_flock, 0, 1),
                          BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOLCK),
                          BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const sock_fprog program{.len = std::size(filter), .filter = filter};
  ASSERT_EQ(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
  ASSERT_EQ(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

TEST(ResultFolder, SaysWhyItCanNotBeLocked) {
  const testing::TemporaryFolder out;
  const auto create = [&] {
    take_locks_away();
    try {
      ResultFolder::create(out.path(), "tiny");
    } catch (const std::exception& error) {
      std::cerr << error.what();
      _exit(1);
    }
  };
  EXPECT_EXIT(create(), ::testing::ExitedWithCode(1), "samples.jsonl: No locks available");
}

TEST(ResultFolder, OfTheSameSecondHaveNamesOfTheirOwn) {
  const testing::TemporaryFolder out;
  std::set<std::string> ids;
  for (int i = 0; i < 5; ++i) ids.insert(ResultFolder::create(out.path(), "mine").id());
  EXPECT_EQ(ids.size(), 5U);
}

TEST(Progress, TellsWhatIsLeftByWhatItTookBefore) {
  const auto cells = some_cells();
  Progress progress(cells, {2, 0, 1, 0}, 2, nullptr);
  EXPECT_EQ(progress.left(), estimate(cells[0]) * 2 + estimate(cells[2]));
  progress.begin(0, 0);
  progress.end(0, some_sample(cells[0], 0));  // in no time
  EXPECT_LT(progress.left(), estimate(cells[0]) + estimate(cells[2]));
  EXPECT_EQ(text_of(std::chrono::milliseconds(1500)), "2 s");
  EXPECT_EQ(text_of(std::chrono::seconds(61)), "1:01");
  EXPECT_EQ(text_of(std::chrono::seconds(3661)), "1:01:01");
}

}  // namespace
}  // namespace contend
