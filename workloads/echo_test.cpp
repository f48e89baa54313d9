// The echo conversation, both sides of it, as bytes: no sockets, no engine.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>
#include <set>
#include <stdexcept>

#include "workloads/backoff.hpp"
#include "workloads/request_log.hpp"
#include "workloads/workload.hpp"

namespace contend {
namespace {

using Buffer = std::vector<std::byte>;
using Settings = std::map<std::string, std::int64_t>;

/// What a client reported: 'g' for a good reply, a ReplyError's name for another.
class Verdicts final : public Admission, public Recorder {
 public:
  explicit Verdicts(std::size_t requests) : requests_(requests) {}

  void replied(const Exchange& exchange) override {
    EXPECT_EQ(exchange.client, 0U);
    EXPECT_LE(exchange.sent, exchange.answered);
    said.emplace_back("good");
  }
  void failed(const Exchange& exchange, ReplyError error) override {
    EXPECT_EQ(exchange.client, 0U);
    said.emplace_back(to_string(error));
  }
  bool admit(std::uint32_t, std::uint64_t) override { return said.size() < requests_; }
  TimePoint take(std::uint32_t, TimePoint) override {
    taken += 1;
    return due;
  }

  void give_back(std::uint32_t) override { given_back += 1; }

  std::vector<std::string> said;
  int taken = 0, given_back = 0;
  TimePoint due{};  ///< Of each request; at once where it has passed.

 private:
  std::size_t requests_;
};

std::unique_ptr<Session> make_client(const Settings& settings, Verdicts& verdicts) {
  const Workload& echo = find_workload("echo");
  return echo.client({echo.parameters, settings}, 0, verdicts, verdicts);
}

Buffer copy(Bytes bytes) {
  return {bytes.begin(), bytes.end()};
}

/// Hands `answer` over in pieces whose lengths `next_length` chooses, as long as the client awaits
/// bytes and says nothing itself. Returns its last step.
Step deliver(Session& client, Bytes answer, const std::function<std::size_t()>& next_length) {
  Step step;
  while (!answer.empty() && step.then == Step::Then::await_bytes && step.send.empty()) {
    const std::size_t length = std::min(next_length(), answer.size());
    step = client.on_bytes(answer.first(length));
    answer = answer.subspan(length);
  }
  return step;
}

std::function<std::size_t()> in_one() {
  return [] { return std::size_t{1} << 20; };
}

TEST(EchoClient, HoldsAMessageUntilItIsDue) {
  Verdicts verdicts(7);
  const auto client = make_client({{"size_bytes", 10}, {"pipeline", 2}}, verdicts);
  verdicts.due = Clock::now() + std::chrono::hours(1);
  Step step = client->on_open();
  EXPECT_EQ(step.not_before, verdicts.due);
  EXPECT_EQ(step.then, Step::Then::more);
  EXPECT_TRUE(step.send.empty());
  step = client->on_sent();
  EXPECT_EQ(step.send.size(), 20U) << "the other one that is due goes out with it";
  EXPECT_TRUE(step.reply_within);
  EXPECT_EQ(deliver(*client, copy(step.send), in_one()).not_before, verdicts.due);
  EXPECT_EQ(verdicts.said, (std::vector<std::string>{"good", "good"}));
}

/// The timeout runs from the send to the last byte of the batch, not from one piece to the next.
TEST(EchoClient, GivesAnswersNoMoreTimeForComingInPieces) {
  Verdicts verdicts(2);
  const auto client = make_client({{"timeout_ms", 20}}, verdicts);
  const Buffer answer = copy(client->on_open().send);
  const TimePoint sent = Clock::now();
  Step step = client->on_bytes(Bytes(answer).first(1));
  EXPECT_LT(step.reply_within, std::chrono::milliseconds(20));
  while (Clock::now() - sent < std::chrono::milliseconds(20)) {
  }
  step = client->on_bytes(Bytes(answer).subspan(1, 1));
  EXPECT_EQ(step.then, Step::Then::reconnect);
  EXPECT_EQ(verdicts.said, std::vector<std::string>{"timed_out"});
}

TEST(EchoClient, GivesBackWhatItHoldsIfAnIdleConnectionEnds) {
  Verdicts verdicts(7);
  const auto client = make_client({}, verdicts);
  verdicts.due = Clock::now() + std::chrono::hours(1);
  client->on_open();
  EXPECT_EQ(client->on_failure({.kind = Failure::Kind::closed}).then, Step::Then::reconnect);
  EXPECT_EQ(verdicts.given_back, 1);
  EXPECT_EQ(client->on_open().not_before, verdicts.due);
  EXPECT_EQ(verdicts.taken, 2);
  EXPECT_TRUE(verdicts.said.empty());
}

TEST(EchoServer, ReturnsTheVeryBytes) {
  const Workload& echo = find_workload("echo");
  const auto service = echo.service({echo.parameters, {}});
  const auto session = service->open();
  EXPECT_TRUE(session->on_open().send.empty());
  const Buffer bytes(1000, std::byte{7});
  const Step step = session->on_bytes(bytes);
  EXPECT_EQ(step.send.data(), bytes.data()) << "it was copied";
  EXPECT_EQ(step.send.size(), bytes.size());
  EXPECT_EQ(step.then, Step::Then::await_bytes);
  EXPECT_EQ(session->on_failure({Failure::Kind::closed}).then, Step::Then::close);
}

TEST(EchoClient, SendsABatchAtOnceAndClosesWhenTold) {
  Verdicts verdicts(6);
  const auto client = make_client({{"size_bytes", 100}, {"pipeline", 3}}, verdicts);
  Step step = client->on_open();
  for (int batch = 0; batch < 2; ++batch) {
    ASSERT_EQ(step.send.size(), 300U);
    EXPECT_EQ(step.reply_within, std::chrono::seconds(5));
    step = deliver(*client, copy(step.send), in_one());
  }
  EXPECT_EQ(step.then, Step::Then::close);
  EXPECT_TRUE(step.send.empty());
  EXPECT_EQ(verdicts.said, std::vector<std::string>(6, "good"));
}

TEST(EchoClient, ClosesAtOnceWhereNothingIsToBeSent) {
  Verdicts verdicts(0);
  const auto client = make_client({}, verdicts);
  EXPECT_EQ(client->on_open().then, Step::Then::close);
}

TEST(EchoClient, MessagesDifferFromTheirNeighboursAndFromTheLastBatch) {
  for (const std::ptrdiff_t size : {1, 2, 64, 1000}) {
    Verdicts verdicts(20'000);
    const auto client = make_client({{"size_bytes", size}, {"pipeline", 4}}, verdicts);
    Step step = client->on_open();
    Buffer last_batch(static_cast<std::size_t>(4 * size));
    while (step.then == Step::Then::await_bytes) {
      const Buffer batch = copy(step.send);
      const auto equal = [size](auto one, auto other) {
        return std::equal(one, one + size, other);
      };
      for (std::ptrdiff_t at = 0; at < 4 * size; at += size) {
        ASSERT_FALSE(equal(batch.begin() + at, last_batch.begin() + at)) << size;
        ASSERT_FALSE(at > 0 && equal(batch.begin() + at, batch.begin() + at - size)) << size;
      }
      last_batch = batch;
      step = client->on_bytes(batch);
    }
    EXPECT_EQ(verdicts.said, std::vector<std::string>(20'000, "good"));
  }
}

TEST(EchoClient, ConnectsAnewAfterSoManyRequests) {
  Verdicts verdicts(5);
  const auto client = make_client({{"pipeline", 2}, {"requests_per_connection", 3}}, verdicts);
  std::vector<std::size_t> batches;
  int connections = 1;
  Step step = client->on_open();
  while (step.then != Step::Then::close) {
    if (step.then == Step::Then::reconnect) {
      EXPECT_FALSE(step.not_before) << "nothing failed, so there is nothing to wait for";
      ++connections;
      step = client->on_open();
    } else {
      batches.push_back(step.send.size() / 64);
      step = client->on_bytes(copy(step.send));
    }
  }
  EXPECT_EQ(batches, (std::vector<std::size_t>{2, 1, 2}));
  EXPECT_EQ(connections, 2);
  EXPECT_EQ(verdicts.said, std::vector<std::string>(5, "good"));
}

/// What can be done to an answer, and what has to be said of it: 8 messages of 5 bytes.
struct Damage {
  const char* name;
  std::function<void(Buffer&)> apply;
  std::size_t good;
  const char* error;  // of all others; null where there are none
  bool silence_follows;
};

const std::vector<Damage> damages{
    {"none", [](Buffer&) {}, 8, nullptr, false},
    {"first byte wrong", [](Buffer& b) { b.front() ^= std::byte{1}; }, 0, "wrong_body", false},
    {"last byte wrong", [](Buffer& b) { b.back() ^= std::byte{0x80}; }, 7, "wrong_body", false},
    {"one bit in the middle", [](Buffer& b) { b[17] ^= std::byte{4}; }, 3, "wrong_body", false},
    {"message lost", [](Buffer& b) { b.erase(b.begin() + 10, b.begin() + 15); }, 2, "wrong_body",
     false},
    {"byte lost", [](Buffer& b) { b.erase(b.begin() + 21); }, 4, "wrong_body", false},
    {"byte doubled", [](Buffer& b) { b.insert(b.begin() + 11, b[11]); }, 2, "wrong_body", false},
    {"messages swapped",
     [](Buffer& b) { std::rotate(b.begin() + 5, b.begin() + 10, b.begin() + 15); }, 1, "wrong_body",
     false},
    {"all zero", [](Buffer& b) { std::ranges::fill(b, std::byte{}); }, 0, "wrong_body", false},
    {"last message lost", [](Buffer& b) { b.resize(35); }, 7, "timed_out", true},
    {"last byte lost", [](Buffer& b) { b.pop_back(); }, 7, "timed_out", true},
    {"nothing came", [](Buffer& b) { b.clear(); }, 0, "timed_out", true},
};

/// The whole conversation about one damaged answer, cut in this way: what was said of it.
std::vector<std::string> verdict_of(const Damage& damage, const std::function<std::size_t()>& cut) {
  Verdicts verdicts(8);
  const auto client = make_client({{"size_bytes", 5}, {"pipeline", 8}}, verdicts);
  Buffer answer = copy(client->on_open().send);
  EXPECT_EQ(answer.size(), 40U);
  damage.apply(answer);
  Step step = deliver(*client, answer, cut);
  if (damage.silence_follows) {
    EXPECT_EQ(step.then, Step::Then::await_bytes);
    step = client->on_timeout();
  }
  EXPECT_EQ(step.then, Step::Then::close) << "eight requests were all there was to do";
  return verdicts.said;
}

TEST(EchoClient, SaysTheSameHoweverTheAnswerIsCut) {
  std::mt19937 random(1);
  for (const Damage& damage : damages) {
    std::vector<std::string> expected(damage.good, "good");
    if (damage.error != nullptr) expected.resize(8, damage.error);
    EXPECT_EQ(verdict_of(damage, in_one()), expected) << damage.name;
    for (std::size_t length = 1; length < 40; ++length)
      EXPECT_EQ(verdict_of(damage, [&] { return length; }), expected)
          << damage.name << ", pieces of " << length;
    for (int i = 0; i < 200; ++i)
      EXPECT_EQ(verdict_of(damage, [&] { return 1 + random() % 12; }), expected) << damage.name;
  }
}

TEST(EchoClient, SeesBytesThatNobodyAskedFor) {
  Verdicts verdicts(3);
  const auto client = make_client({{"size_bytes", 4}}, verdicts);
  Buffer answer = copy(client->on_open().send);
  answer.push_back(std::byte{1});
  const Step step = client->on_bytes(answer);
  EXPECT_EQ(step.then, Step::Then::reconnect);
  EXPECT_EQ(verdicts.said, (std::vector<std::string>{"good", "wrong_body"}));
}

TEST(EchoClient, TellsWhyAConnectionFailed) {
  struct Case {
    bool open, half_answered;
    Failure failure;
    std::vector<std::string> said;
  };
  using enum Failure::Kind;
  const std::vector<Case> cases{
      {false, false, {refused, ECONNREFUSED}, {"refused"}},
      {false, false, {other, ENETUNREACH}, {"refused"}},
      {true, false, {reset, ECONNRESET}, {"reset", "reset"}},
      {true, true, {reset, EPIPE}, {"good", "reset"}},
      {true, true, {other, EIO}, {"good", "reset"}},
      {true, false, {closed, 0}, {"closed_early", "closed_early"}},
      {true, true, {closed, 0}, {"good", "closed_early"}},
  };
  for (const Case& one : cases) {
    Verdicts verdicts(10);
    const auto client = make_client({{"pipeline", 2}}, verdicts);
    if (one.open) {
      const Buffer answer = copy(client->on_open().send);
      if (one.half_answered) client->on_bytes(Bytes(answer).first(64 + 10));
    }
    const Step step = client->on_failure(one.failure);
    EXPECT_EQ(step.then, Step::Then::reconnect);
    EXPECT_TRUE(step.not_before);
    EXPECT_EQ(verdicts.said, one.said);
  }
}

TEST(EchoClient, WaitsLongerAfterEachFailureUntilAnAnswerIsGood) {
  Verdicts verdicts(1000);
  const auto client = make_client({}, verdicts);
  const auto wait = [&] {
    const TimePoint before = Clock::now();
    const Step step = client->on_failure({Failure::Kind::refused, ECONNREFUSED});
    return std::pair(*step.not_before - before, *step.not_before - Clock::now());
  };
  Duration expected = shortest_backoff;
  for (int i = 0; i < 20; ++i) {
    const auto [most, least] = wait();
    EXPECT_GE(most, expected / 2);
    EXPECT_LE(least, expected);
    expected = std::min(expected * 2, max_backoff);
  }
  EXPECT_EQ(expected, max_backoff);
  client->on_bytes(copy(client->on_open().send));
  EXPECT_LE(wait().second, shortest_backoff);
}

TEST(EchoClient, GoesOnAfterAFailure) {
  Verdicts verdicts(4);
  const auto client = make_client({{"pipeline", 2}}, verdicts);
  client->on_open();
  EXPECT_EQ(client->on_timeout().then, Step::Then::reconnect);
  const Step again = client->on_open();
  EXPECT_EQ(again.send.size(), 128U);
  EXPECT_EQ(client->on_bytes(copy(again.send)).then, Step::Then::close);
  EXPECT_EQ(verdicts.said, (std::vector<std::string>{"timed_out", "timed_out", "good", "good"}));
}

TEST(EchoClient, KnowsAnswersToWhatItHasNotSent) {
  for (const bool is_held : {false, true}) {
    Verdicts verdicts(3);
    const auto client = make_client({}, verdicts);
    if (is_held) verdicts.due = Clock::now() + std::chrono::hours(1);
    const Step step = client->on_open();
    EXPECT_TRUE(step.early_input);
    const std::vector<std::byte> some = is_held ? std::vector<std::byte>(1) : copy(step.send);
    EXPECT_EQ(client->on_early_bytes(some).then, Step::Then::reconnect);
    EXPECT_EQ(verdicts.said.back(), is_held ? "wrong_body" : "malformed");
  }
}

TEST(EchoClient, RefusesMoreInFlightThanAllowed) {
  Verdicts verdicts(1);
  EXPECT_NO_THROW(make_client({{"size_bytes", 65536}, {"pipeline", 2}}, verdicts));
  EXPECT_NO_THROW(make_client({{"size_bytes", 128}, {"pipeline", 1024}}, verdicts));
  try {
    make_client({{"size_bytes", 65536}, {"pipeline", 3}}, verdicts);
    FAIL() << "accepted";
  } catch (const std::invalid_argument& error) {
    const std::string_view text = error.what();
    EXPECT_NE(text.find("196608"), text.npos) << text;
    EXPECT_NE(text.find("131072"), text.npos) << text;
  }
}

TEST(EchoClient, FillsARequestLog) {
  const Workload& echo = find_workload("echo");
  const Parameters given(echo.parameters, {{"requests", 5}, {"pipeline", 2}});
  RequestLog log(3, RequestLog::requests_of(given));
  EXPECT_EQ(log.expected(), 15U);
  for (std::uint32_t number = 0; number < 3; ++number) {
    const auto client = echo.client(given, number, log, log);
    Step step = client->on_open();
    while (step.then == Step::Then::await_bytes) step = client->on_bytes(copy(step.send));
    EXPECT_EQ(step.then, Step::Then::close);
  }
  const auto entries = log.entries();
  EXPECT_EQ(entries.size(), 15U);
  for (const RequestLog::Entry& entry : entries) EXPECT_TRUE(entry.ok);
}

}  // namespace
}  // namespace contend
