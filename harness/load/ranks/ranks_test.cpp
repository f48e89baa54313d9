// Ranks that are threads of this process, with letter boxes instead of MPI.
#include "harness/load/ranks/ranks.hpp"

#include <gtest/gtest.h>

#include <map>
#include <mutex>

#include "harness/testing/testing.hpp"

namespace contend::load {
namespace {

using namespace std::chrono_literals;

/// A letter box for each rank.
class Post {
 public:
  explicit Post(std::uint32_t ranks) : boxes_(ranks) {}

  std::uint32_t ranks() const { return static_cast<std::uint32_t>(boxes_.size()); }
  void put(std::uint32_t to, Carrier::Message message) {
    const std::lock_guard held(mutex_);
    boxes_[to].push_back(std::move(message));
  }
  std::optional<Carrier::Message> take(std::uint32_t rank) {
    const std::lock_guard held(mutex_);
    if (boxes_[rank].empty()) return std::nullopt;
    Carrier::Message message = std::move(boxes_[rank].front());
    boxes_[rank].pop_front();
    return message;
  }
  void finish() { ++finished_; }
  int finished() const { return finished_; }

 private:
  std::mutex mutex_;
  std::vector<std::deque<Carrier::Message>> boxes_;
  std::atomic<int> finished_{0};
};

class PostCarrier final : public Carrier {
 public:
  PostCarrier(Post& post, std::uint32_t rank) : post_(post), rank_(rank) {}

  std::uint32_t rank() const override { return rank_; }
  std::uint32_t ranks() const override { return post_.ranks(); }
  void send(std::uint32_t to, std::string bytes) override {
    post_.put(to, {.from = rank_, .bytes = std::move(bytes)});
  }
  std::optional<Message> receive() override { return post_.take(rank_); }
  void finish() override { post_.finish(); }

 private:
  Post& post_;
  std::uint32_t rank_;
};

/// Each rank's clock is an hour ahead of that of the one before.
Duration ahead(std::uint32_t rank) {
  return rank * Duration(1h);
}

class RanksTest : public ::testing::Test {
 protected:
  using Play = std::function<void(Ranks&)>;

  /// What `play` does at each rank, in a thread each; returns what it threw, by rank.
  std::map<std::uint32_t, std::string> play(Post& post, const Play& play,
                                            const std::string& odd_build = "1.0",
                                            Duration silence = 1h) {
    std::map<std::uint32_t, std::string> thrown;
    std::mutex mutex;
    std::vector<std::thread> threads;
    for (std::uint32_t rank = 0; rank < post.ranks(); ++rank)
      threads.emplace_back([&, rank] {
        try {
          Ranks ranks(
              std::make_unique<PostCarrier>(post, rank), "host" + std::to_string(rank),
              rank == 1 ? odd_build : "1.0", rank == 2 ? stop_.token() : StopToken(),
              [rank] { return Clock::now() + ahead(rank); }, silence);
          play(ranks);
        } catch (const std::exception& error) {
          const std::lock_guard held(mutex);
          thrown[rank] = error.what();
        }
      });
    for (std::thread& thread : threads) thread.join();
    return thrown;
  }

  StopSource stop_;  // of rank 2
};

TEST_F(RanksTest, AgreeOnWhatRankZeroSays) {
  Post post(4);
  const auto thrown = play(post, [](Ranks& ranks) {
    EXPECT_EQ(ranks.agree(7 + ranks.rank()), 7U);
    EXPECT_EQ(ranks.agree(UINT64_MAX - ranks.rank()), UINT64_MAX);
  });
  EXPECT_EQ(thrown.size(), 0U);
}

/// That an offset is wrong by no more than it says holds however slow the machine is.
TEST_F(RanksTest, BeginAtOneTimeWhateverTheirClocksSay) {
  Post post(4);
  std::mutex mutex;
  std::map<std::uint32_t, TimePoint> begins;
  std::map<std::uint32_t, ClockOffset> clocks;
  play(post, [&](Ranks& ranks) {
    const TimePoint begin = ranks.agree_on_begin();
    const std::lock_guard held(mutex);
    begins[ranks.rank()] = begin;
    for (std::uint32_t rank = 0; ranks.is_first() && rank < 4; ++rank)
      clocks[rank] = ranks.clock(rank);
  });
  ASSERT_EQ(begins.size(), 4U);
  EXPECT_EQ(clocks[0].uncertainty, 0ns);
  for (std::uint32_t rank = 1; rank < 4; ++rank) {
    EXPECT_LE(std::chrono::abs(clocks[rank].offset - ahead(rank)), clocks[rank].uncertainty);
    EXPECT_GT(clocks[rank].uncertainty, 0ns);
    EXPECT_EQ(begins[rank] - begins[0], clocks[rank].offset);
  }
}

TEST_F(RanksTest, GatherWhatEachHasToSayAndEndTogether) {
  Post post(3);
  const std::string much(1'000'000, 'x');
  const auto thrown = play(post, [&](Ranks& ranks) {
    ranks.agree_on_begin();
    const StopToken over = ranks.watch();
    const auto said = ranks.gather(much + std::to_string(ranks.rank()));
    if (ranks.is_first())
      EXPECT_EQ(said, (std::vector{much + "0", much + "1", much + "2"}));
    else
      EXPECT_TRUE(said.empty());
    EXPECT_EQ(ranks.host(ranks.rank()), "host" + std::to_string(ranks.rank()));
    EXPECT_FALSE(over.requested());
    EXPECT_FALSE(ranks.interrupted());
  });
  EXPECT_EQ(thrown.size(), 0U);
  EXPECT_EQ(post.finished(), 3);
}

/// The one that is left says who, whichever that is.
TEST_F(RanksTest, NameTheOneThatHasDied) {
  for (const std::uint32_t dead : {0U, 1U}) {
    Post post(2);
    const auto dying = [&](Ranks& ranks) {
      ranks.agree_on_begin();
      if (ranks.rank() == dead) return;
      const StopToken over = ranks.watch();
      EXPECT_TRUE(testing::eventually([&] { return over.requested(); }));
      ranks.gather("");
    };
    const auto thrown = play(post, dying, "1.0", 200ms);
    EXPECT_EQ(thrown.size(), 1U);
    EXPECT_EQ(thrown.at(1 - dead),
              dead == 0 ? "rank 0 has died or hangs: nothing was heard of it for 200 ms"
                        : "rank 1 on host1 has died or hangs: nothing was heard of it for 200 ms");
    EXPECT_EQ(post.finished(), 0);
  }
}

TEST_F(RanksTest, LetRankZeroSayWhyAnotherFailed) {
  Post post(3);
  const auto thrown = play(post, [](Ranks& ranks) {
    ranks.agree_on_begin();
    const StopToken over = ranks.watch();
    if (ranks.rank() == 1) {
      ranks.fail("too few descriptors");
      throw Dismissed();
    }
    EXPECT_TRUE(testing::eventually([&] { return over.requested() || !ranks.is_first(); }));
    try {
      ranks.gather("");
    } catch (const std::exception& error) {
      ranks.fail(error.what());
      throw;
    }
  });
  EXPECT_EQ(thrown.at(0), "rank 1 on host1: too few descriptors");
  EXPECT_EQ(thrown.at(2), Dismissed().what());
}

/// Others wait for what it says.
TEST_F(RanksTest, EndWhenRankZeroFailsBeforeTheRun) {
  Post post(3);
  const auto thrown = play(post, [](Ranks& ranks) {
    if (ranks.is_first()) {
      ranks.fail("no such URL");
      throw std::invalid_argument("no such URL");
    }
    ranks.agree_on_begin();
  });
  EXPECT_EQ(thrown.at(0), "no such URL");
  EXPECT_EQ(thrown.at(1), Dismissed().what());
  EXPECT_EQ(thrown.at(2), Dismissed().what());
}

TEST_F(RanksTest, AreAllInterruptedWhenOneIs) {
  Post post(4);
  const auto thrown = play(post, [&](Ranks& ranks) {
    ranks.agree_on_begin();
    const StopToken over = ranks.watch();
    if (ranks.rank() == 2) stop_.request();
    EXPECT_TRUE(testing::eventually([&] { return over.requested(); }));
    const auto said = ranks.gather("so far");
    EXPECT_EQ(said.size(), ranks.is_first() ? 4U : 0U);
    EXPECT_TRUE(ranks.interrupted());
  });
  EXPECT_EQ(thrown.size(), 0U);
}

TEST_F(RanksTest, SayWhoWasWaitedForWhenTheyAreInterruptedBeforeTheRun) {
  Post post(2);
  StopSource stop;
  stop.request();
  try {
    Ranks ranks(std::make_unique<PostCarrier>(post, 0), "here", "1.0", stop.token());
    FAIL() << "nobody is there";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "interrupted before the run began, when rank 1 was to answer");
  }
}

TEST_F(RanksTest, RefuseAnotherBuild) {
  Post post(2);
  const auto thrown = play(
      post, [](Ranks& ranks) { ranks.agree(1); }, "2.0");
  EXPECT_NE(thrown.at(0).find("rank 1 on host1 is contend 2.0 and rank 0 is contend 1.0"),
            std::string::npos);
  EXPECT_EQ(thrown.at(1), Dismissed().what());
}

}  // namespace
}  // namespace contend::load
