// What a bounded conversation's log keeps, with echo's client as the one who talks.
#include "workloads/request_log.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace contend {
namespace {

std::unique_ptr<Session> make_client(std::int64_t pipeline, RequestLog& log) {
  const Workload& echo = find_workload("echo");
  return echo.client({echo.parameters, {{"pipeline", pipeline}}}, 0, log, log);
}

TEST(RequestLog, EndsAPipelineWithTheLastRequest) {
  RequestLog log(1, 10);
  const auto client = make_client(16, log);
  const Step first = client->on_open();
  EXPECT_EQ(first.send.size(), 10U * 64);
  const std::vector<std::byte> answer(first.send.begin(), first.send.end());
  EXPECT_EQ(client->on_bytes(answer).then, Step::Then::close);
  EXPECT_EQ(log.expected(), 10U);
  EXPECT_EQ(log.entries().size(), 10U);
}

TEST(RequestLog, KeepsTheTimesOfRequestsThatFailed) {
  RequestLog log(1, 2);
  const auto client = make_client(1, log);
  client->on_failure({.kind = Failure::Kind::refused});
  client->on_open();
  EXPECT_EQ(client->on_timeout().then, Step::Then::close);
  const auto entries = log.entries();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].sent, TimePoint{}) << "there was no connection to send it on";
  EXPECT_NE(entries[0].answered, TimePoint{});
  EXPECT_NE(entries[1].sent, TimePoint{});
  EXPECT_LE(entries[1].sent, entries[1].answered);
  EXPECT_EQ(log.errors(ReplyError::refused), 1U);
  EXPECT_EQ(log.errors(ReplyError::timed_out), 1U);
}

TEST(RequestLog, KeepsClientsApart) {
  RequestLog log(3, 2);
  const TimePoint now = Clock::now();
  for (const std::uint32_t client : {2U, 0U, 2U, 2U})
    log.replied({.client = client, .sent = now, .answered = now});
  EXPECT_TRUE(log.admit(1, 1));
  EXPECT_FALSE(log.admit(0, 1));
  EXPECT_FALSE(log.admit(2, 0));
  std::vector<std::uint32_t> clients;
  for (const RequestLog::Entry& entry : log.entries()) clients.push_back(entry.client);
  EXPECT_EQ(clients, (std::vector<std::uint32_t>{0, 2, 2}));
}

}  // namespace
}  // namespace contend
