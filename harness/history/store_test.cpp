// The file of the history: what is in it, who may write to it, and what outlives kill -9.
#include "harness/history/store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <random>
#include <set>

#include "harness/base/files.hpp"
#include "harness/base/random.hpp"
#include "harness/history/history_testing.hpp"
#include "harness/testing/testing.hpp"

namespace contend::history {
namespace {

namespace fs = std::filesystem;
using contend::testing::complains;
using contend::testing::some_commit;
using contend::testing::some_entry;
using contend::testing::TemporaryFolder;
using contend::testing::watched;

constexpr uid_t nobody = 65534;
constexpr auto create = Database::Mode::create;
constexpr auto read_only = Database::Mode::read;

class StoreTest : public ::testing::Test {
 protected:
  fs::path file() const { return folder_.path() / "history.sqlite"; }
  void expect_intact() {
    Database database(file(), read_only);
    Statement statement(database, "PRAGMA integrity_check");
    ASSERT_TRUE(statement.step());
    EXPECT_EQ(statement.text(0), "ok");
    EXPECT_EQ(database.integer("SELECT count(*) FROM runs WHERE (SELECT count(*) FROM comparisons "
                               "WHERE run = number) <> 5"),
              0)
        << "a result is there in part";
  }
  std::set<std::string> runs() {
    Database database(file(), read_only);
    Statement row(database, "SELECT id FROM runs");
    std::set<std::string> ids;
    while (row.step()) EXPECT_TRUE(ids.insert(row.text(0)).second);
    return ids;
  }

  /// As contend wrote it before series had a reference of their own.
  void write_version_1() {
    Database(file(), create).execute(R"(
      CREATE TABLE runs (
         number INTEGER PRIMARY KEY,
         id TEXT NOT NULL, machine TEXT NOT NULL, seed INTEGER NOT NULL,
         suite TEXT NOT NULL,
         base_name TEXT NOT NULL, base_sha256 TEXT, head_name TEXT NOT NULL, head_sha256 TEXT,
         commit_name TEXT NOT NULL, at TEXT NOT NULL,
         UNIQUE (id, machine, seed)) STRICT;
       CREATE TABLE comparisons (
         run INTEGER NOT NULL REFERENCES runs (number),
         cell TEXT NOT NULL, metric TEXT NOT NULL,
         ratio REAL, low REAL, high REAL, verdict TEXT NOT NULL, pairs INTEGER NOT NULL,
         PRIMARY KEY (run, cell, metric)) STRICT, WITHOUT ROWID;
       INSERT INTO runs VALUES (1, 'old', '0123', 5, 'ab', 'v1', 'abc', 'h', NULL, 'c0',
                                '2026-11-25T00:00:00Z'),
                               (2, 'older', '0123', 6, 'ab', 'v0', NULL, 'h', NULL, 'c-1',
                                '2026-11-24T00:00:00Z');
       INSERT INTO comparisons VALUES (1, 'fib/one', 'wall_ns', 1.5, 1.4, 1.6, 'regressed', 40),
                                      (2, 'fib/one', 'wall_ns', 0.5, NULL, NULL, 'improved', 2);
       PRAGMA application_id = 0x636f6e64; PRAGMA user_version = 1)");
  }

  TemporaryFolder folder_;
};

/// What the process says through a pipe it has stored.
class Writer {
 public:
  /// Adds `count` results beginning with number `first`, and says each number once it is stored.
  Writer(const fs::path& file, unsigned first, unsigned count) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) ADD_FAILURE() << "no pipe";
    pid_ = fork();
    if (pid_ == 0) _exit(write_all(file, first, count, ends[1]));
    close(ends[1]);
    said_ = ends[0];
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() { close(said_); }

  /// The next number; none once it has ended.
  std::optional<unsigned> next() const {
    unsigned number = 0;
    return read(said_, &number, sizeof number) == sizeof number ? std::optional(number)
                                                                : std::nullopt;
  }
  void kill_now() const { kill(pid_, SIGKILL); }
  int wait() const {
    int status = 0;
    waitpid(pid_, &status, 0);
    return status;
  }

 private:
  static int write_all(const fs::path& file, unsigned first, unsigned count, int said) {
    try {
      for (unsigned number = first; number < first + count; ++number) {
        // Opened each time, as the command does.
        Store(file, create).add(some_entry(number));
        if (write(said, &number, sizeof number) != sizeof number) return 2;
      }
    } catch (const std::exception& error) {
      fprintf(stderr, "writer: %s\n", error.what());
      return 1;
    }
    return 0;
  }

  pid_t pid_ = 0;
  int said_ = -1;
};

TEST_F(StoreTest, GivesBackWhatWasAdded) {
  Store store(file(), create);
  EXPECT_TRUE(store.add(some_entry(2, 1.25)));
  EXPECT_TRUE(store.add(some_entry(1, 0.75)));
  const std::vector<Series> all = store.series();
  EXPECT_EQ(all.size(), 4U) << "the fifth comparison has no ratio";
  const Series series = watched(store);
  EXPECT_EQ(series.machine, some_commit(1, 1).machine.fingerprint);
  EXPECT_EQ(series.reference, std::string(64, 'b'));
  EXPECT_EQ(series.reference_name, "v1");
  EXPECT_EQ(series.suite, "ab");
  ASSERT_EQ(series.points.size(), 2U);
  EXPECT_EQ(series.points[0].commit, "c1") << "by time, not by when it was added";
  EXPECT_EQ(series.points[0].at, "2026-11-26T00:01:00.000Z");
  EXPECT_EQ(series.points[0].ratio, 0.75);
  EXPECT_EQ(series.points[0].low, 0.74);
  EXPECT_EQ(series.points[0].high, 0.76);
  EXPECT_EQ(series.points[0].verdict, ab::Verdict::regressed);
  EXPECT_EQ(series.points[0].pairs, 80U);
  EXPECT_EQ(series.points[1].commit, "c2");
  expect_intact();
}

TEST_F(StoreTest, KeepsARunOnce) {
  Store store(file(), create);
  EXPECT_TRUE(store.add(some_entry(1, 1.5)));
  EXPECT_FALSE(store.add(some_entry(1, 2)));
  EXPECT_EQ(watched(store).points.size(), 1U);
  EXPECT_EQ(watched(store).points[0].ratio, 1.5);
  // The same commit measured again is another run.
  Entry again = some_entry(2, 1.6);
  again.commit = "c1";
  EXPECT_TRUE(store.add(again));
  EXPECT_EQ(watched(store).points.size(), 2U);
}

TEST_F(StoreTest, OrdersTimesWithAndWithoutDecimals) {
  Store store(file(), create);
  unsigned number = 0;
  for (const char* const time : {"2026-11-26T08:00:00.5Z", "2026-11-26T08:00:01Z",
                                 "2026-11-26T08:00:00Z", "2026-11-26T08:00:00.51Z"})
    store.add(entry_of(some_commit(++number, 1), "x", "", time));
  std::vector<std::string> order;
  for (const Point& point : watched(store).points) order.push_back(point.commit);
  EXPECT_EQ(order, (std::vector<std::string>{"c3", "c1", "c4", "c2"}));
}

TEST_F(StoreTest, NeverJoinsMachinesReferencesOrSuites) {
  Store store(file(), create);
  unsigned number = 0;
  const auto add = [&](const auto& change) {
    ab::AbResult result = some_commit(++number, 1);
    change(result);
    EXPECT_TRUE(store.add(entry_of(result, "x")));
  };
  add([](ab::AbResult&) {});
  add([](ab::AbResult& result) { result.machine.fingerprint = "other"; });
  add([](ab::AbResult& result) { result.base.sha256 = std::string(64, 'c'); });
  add([](ab::AbResult& result) { result.base.sha256.reset(); });
  add([](ab::AbResult& result) {
    result.base.command = {"contend-engine", "--slow-percent", "5"};
  });
  add([](ab::AbResult& result) { result.run.suite = "other"; });
  add([](ab::AbResult& result) { result.base.name = "v1, renamed"; });
  std::size_t joined = 0;
  const std::vector<Series> all = store.series();
  EXPECT_EQ(all.size(), 6U * 4U);
  for (const Series& series : all) joined += series.points.size() == 2 ? 1 : 0;
  EXPECT_EQ(joined, 4U) << "a name is not what tells programs apart that have a hash";
  for (const Series& series : all)
    EXPECT_TRUE(series.points.size() == 1 || series.reference_name == "v1, renamed");
}

TEST_F(StoreTest, RefusesResultsThatAreNoGoodForIt) {
  const auto refused = [](const auto& change, const char* why) {
    ab::AbResult result = some_commit(1, 1);
    change(result);
    return complains([&] { entry_of(result, "x"); }, why);
  };
  EXPECT_TRUE(refused([](ab::AbResult& r) { r.run.interleaved = false; }, "x: its two sides"));
  EXPECT_TRUE(refused([](ab::AbResult& r) { r.run.complete = false; }, "x: it is not complete"));
  EXPECT_TRUE(refused([](ab::AbResult& r) { r.comparisons.clear(); }, "nothing was compared"));
  EXPECT_TRUE(refused([](ab::AbResult& r) { r.head.name = " "; }, "head.name: is empty"));
  EXPECT_TRUE(refused([](ab::AbResult& r) { r.run.started_at = "now"; }, "x: run.started_at"));
  EXPECT_TRUE(complains([] { entry_of(some_commit(1, 1), "x", "", "now"); }, "--time"));
  EXPECT_EQ(entry_of(some_commit(1, 1), "x", "other", "2026-01-01T00:00:00Z").commit, "other");
}

TEST_F(StoreTest, RefusesOtherFilesAndLeavesThemAsTheyAre) {
  EXPECT_TRUE(complains([&] { Store(file(), read_only); }, "there is no file"));
  const fs::path text = folder_.file("text.sqlite", std::string(4096, 'x'));
  EXPECT_TRUE(complains([&] { Store(text, create); }, "is no SQLite database"));
  const fs::path other = folder_.path() / "other.sqlite";
  Database(other, create).execute("CREATE TABLE mine (a); PRAGMA user_version = 1");
  EXPECT_TRUE(complains([&] { Store(other, create); }, "another program's database"));
  EXPECT_EQ(Database(other, read_only).integer("SELECT count(*) FROM sqlite_schema"), 1);
  EXPECT_TRUE(complains([&] { Store(folder_.path() / "no" / "folder", create); }, "opening"));
}

TEST_F(StoreTest, RefusesANewerVersionInALine) {
  { Store(file(), create).add(some_entry(1)); }
  Database(file(), create).execute("PRAGMA user_version = 3");
  EXPECT_TRUE(complains([&] { Store(file(), create); },
                        "history.sqlite: is of version 3 and this contend knows up to 2"));
  EXPECT_EQ(Database(file(), read_only).integer("PRAGMA user_version"), 3);
}

TEST_F(StoreTest, RefusesANegativeVersionInALine) {
  { Store(file(), create).add(some_entry(1)); }
  for (const char* version : {"-1", "-2147483648"}) {
    Database(file(), create).execute(std::string("PRAGMA user_version = ") + version);
    EXPECT_TRUE(complains([&] { Store(file(), create); },
                          std::string("history.sqlite: is of version ") + version))
        << version;
  }
}

/// A ratio that is not positive has no logarithm, and a sparkline draws logarithms.
TEST_F(StoreTest, RefusesARatioThatIsNotAPositiveNumber) {
  Store store(file(), create);
  store.add(some_entry(1));
  for (const char* ratio : {"-1.5", "0", "9e999", "-9e999"})
    for (const char* column : {"ratio", "low", "high"}) {
      const auto set = [&](const std::string& value) {
        Database(file(), create)
            .execute(fmt::format("UPDATE comparisons SET {} = {}", column, value));
      };
      set(ratio);
      EXPECT_TRUE(complains([&] { store.series(); }, "the history has a ratio"))
          << column << " = " << ratio;
      set("1");
    }
  EXPECT_EQ(store.series().size(), 5U);
}

TEST_F(StoreTest, BringsAFileOfVersion1ToThisVersion) {
  write_version_1();
  Store store(file(), create);
  const std::vector<Series> all = store.series();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].reference, "abc");
  EXPECT_EQ(all[0].reference_name, "v1");
  EXPECT_EQ(all[0].points[0].commit, "c0");
  EXPECT_EQ(all[0].points[0].ratio, 1.5);
  EXPECT_EQ(all[0].points[0].pairs, 40U);
  EXPECT_EQ(all[1].reference, "v0");
  EXPECT_EQ(all[1].points[0].low, std::nullopt);
  EXPECT_TRUE(store.add(some_entry(1)));
  EXPECT_EQ(store.series().size(), 6U);
  EXPECT_EQ(Database(file(), read_only).integer("PRAGMA user_version"), store_version);
}

TEST_F(StoreTest, SyncsAtEachCommit) {
  Database database(file(), create);
  database.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF");
  database.sync_commits();
  EXPECT_EQ(database.integer("PRAGMA synchronous"), 3) << "extra";
  Statement mode(database, "PRAGMA journal_mode");
  ASSERT_TRUE(mode.step());
  EXPECT_EQ(mode.text(0), "delete");
}

TEST_F(StoreTest, IsReadByWhoMayNotWrite) {
  write_version_1();
  const fs::path folder = folder_.path();
  const std::string before = content_of(file());
  fs::permissions(file(), fs::perms(0444));
  fs::permissions(folder, fs::perms(0555));
  const auto read = [&] {
    // What root may do is not bound by these.
    if (geteuid() == 0 && setresuid(nobody, nobody, nobody) != 0) _exit(2);
    try {
      _exit(Store(file(), read_only).series().size() == 2 ? 0 : 3);
    } catch (const std::exception& error) {
      std::cerr << error.what();
      _exit(1);
    }
  };
  EXPECT_EXIT(read(), ::testing::ExitedWithCode(0), "");
  fs::permissions(folder, fs::perms::owner_all);
  EXPECT_EQ(Store(file(), read_only).series().size(), 2U);
  EXPECT_EQ(content_of(file()), before);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 1);
}

TEST_F(StoreTest, LosesNothingOfTwoWritersAtOnce) {
  constexpr unsigned each = 60;
  // Both may be the one that makes the file.
  const Writer one(file(), 0, each), other(file(), 1000, each);
  EXPECT_EQ(one.wait(), 0);
  EXPECT_EQ(other.wait(), 0);
  EXPECT_EQ(runs().size(), 2 * each);
  expect_intact();
}

TEST_F(StoreTest, StoresARunOnceThoughTwoWritersAddIt) {
  const Writer one(file(), 0, 40), other(file(), 0, 40);
  EXPECT_EQ(one.wait(), 0);
  EXPECT_EQ(other.wait(), 0);
  EXPECT_EQ(runs().size(), 40U);
  expect_intact();
}

TEST_F(StoreTest, IsKilledAgainAndAgainAndLosesNothing) {
  std::mt19937_64 generator(std::random_device{}());
  std::set<std::string> said;
  int killed_at_work = 0;
  for (unsigned round = 0; round < 20; ++round) {
    const Writer writer(file(), round * 10'000, 10'000);
    const auto told = [&](unsigned number) { said.insert("run-" + std::to_string(number)); };
    if (const auto number = writer.next()) told(*number);
    std::this_thread::sleep_for(std::chrono::microseconds(uniform_below(generator, 30'000)));
    writer.kill_now();
    // What it had said before is still in the pipe.
    while (const auto number = writer.next()) told(*number);
    killed_at_work += WIFSIGNALED(writer.wait()) ? 1 : 0;
    const std::set<std::string> stored = runs();
    EXPECT_TRUE(std::ranges::includes(stored, said)) << "round " << round;
    EXPECT_LE(stored.size(), said.size() + round + 1) << "at most one a kill was not told";
    expect_intact();
  }
  EXPECT_EQ(killed_at_work, 20);
  EXPECT_GE(said.size(), 20U);
}

}  // namespace
}  // namespace contend::history
