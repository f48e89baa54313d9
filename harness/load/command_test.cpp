// `contend load` as a program: what it prints, refuses, and how it ends.
#include <gtest/gtest.h>
#include <signal.h>

#include <nlohmann/json.hpp>

#include "engines/test_server.hpp"
#include "harness/child.hpp"
#include "harness/histogram.hpp"
#include "harness/interruption.hpp"
#include "harness/testing.hpp"

namespace contend::load {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test::Client;
using test::TestServer;

constexpr Duration patience = 60s;

class LoadCommandTest : public ::testing::Test {
 protected:
  LoadCommandTest()
      : server_([this](Client& peer) {
          const std::string request = "GET /x HTTP/1.1\r\nHost: " + server_.address() + "\r\n\r\n";
          while (peer.receive(request.size()) == request)
            peer.send("HTTP/1.1 204 None\r\nContent-Length: 0\r\n\r\n");
        }) {}

  std::unique_ptr<Child> start(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {CONTEND_BINARY, "load"});
    return std::make_unique<Child>(guard_, Command{.arguments = std::move(arguments)});
  }
  std::string url() const { return "http://" + server_.address() + "/x"; }
  /// All lines of its output, when it has ended.
  static std::string output_of(Child& child) {
    std::string all;
    try {
      for (;;) all += child.read_line(Clock::now() + patience, {}, {}) + '\n';
    } catch (const ChildFailure&) {  // it has ended
    }
    return all;
  }
  void expect_refused(std::vector<std::string> arguments, const std::string& why) {
    const auto child = start(std::move(arguments));
    EXPECT_EQ(child->wait(Clock::now() + patience).number, 2) << why;
    EXPECT_NE(child->complaint().find(why), std::string::npos) << child->complaint();
  }

  TestServer server_;
  testing::TemporaryFolder folder_;
  Guard guard_;
};

TEST_F(LoadCommandTest, PrintsJsonAsTheSchemaSays) {
  const std::vector<std::vector<std::string>> loops{
      {}, {"--rate", "300", "--arrivals", "poisson", "--seed", "4", "-p", "2"}};
  for (const std::vector<std::string>& loop : loops) {
    std::vector<std::string> arguments{url(), "-c", "3", "-d", "200ms", "--json"};
    arguments.insert(arguments.end(), loop.begin(), loop.end());
    const auto child = start(arguments);
    const json said = child->read(Clock::now() + patience, {}, {});
    const bool is_trusted = said["verdict"]["trusted"] != false;
    EXPECT_EQ(child->wait(Clock::now() + patience).number, is_trusted ? 0 : 3);
    EXPECT_EQ(said["target"], url());
    EXPECT_EQ(said["connections"], 3);
    EXPECT_GT(said["answered"], 0);
    EXPECT_EQ(said["errors"], json::object());
    EXPECT_EQ(said["loop"], loop.empty() ? "closed" : "open");
    const json& times = said[loop.empty() ? "service_time" : "response_time"];
    EXPECT_EQ(Histogram::from_json(times).count(), said["answered"]);
    Child validator(guard_,
                    {.arguments = {"/usr/bin/python3", CONTEND_SOURCE_DIR "/scripts/validate.py",
                                   folder_.file("load.json", said.dump())}});
    EXPECT_TRUE(validator.wait(Clock::now() + patience).clean()) << validator.complaint();
  }
}

TEST_F(LoadCommandTest, PrintsATableOrAHistogram) {
  const auto table = start({url(), "-n", "20", "--rate", "1000"});
  const std::string words = output_of(*table);
  EXPECT_TRUE(table->wait(Clock::now() + patience).clean());
  for (const char* part : {"64 connections, open loop of 1,000/s, uniform", "20 answers in",
                           "response time", "service time", "send lag", "p99.9"})
    EXPECT_NE(words.find(part), std::string::npos) << part << " is not in\n" << words;
  EXPECT_EQ(words.find("not answered"), std::string::npos) << words;
  const auto histogram = start({url(), "-n", "20", "--histogram"});
  const std::string percentiles = output_of(*histogram);
  EXPECT_NE(percentiles.find("1/(1-Percentile)"), std::string::npos) << percentiles;
  EXPECT_NE(percentiles.find("Total count    =           20"), std::string::npos) << percentiles;
}

TEST_F(LoadCommandTest, FailsWhereNothingIsAnsweredAndSaysWhy) {
  const Fd nobody = test::bound_socket();
  const auto child =
      start({"http://127.0.0.1:" + std::to_string(port_of(nobody)), "-d", "50ms", "-c", "2"});
  const std::string words = output_of(*child);
  EXPECT_EQ(child->wait(Clock::now() + patience).number, 1);
  EXPECT_NE(words.find("refused"), std::string::npos) << words;
}

TEST_F(LoadCommandTest, SaysWhatThereIsWhenItIsInterrupted) {
  const auto child = start({url(), "-d", "1h", "--json"});
  ASSERT_TRUE(testing::eventually([&] { return server_.connections() == 64; }));
  kill(child->pid(), SIGINT);
  const json said = child->read(Clock::now() + patience, {}, {});
  EXPECT_EQ(child->wait(Clock::now() + patience).number, exit_interrupted);
  EXPECT_LT(said["duration_ns"], std::chrono::nanoseconds(patience).count());
}

TEST_F(LoadCommandTest, SaysWhatIsWrongWithTheCommandLine) {
  expect_refused({}, "URL is required");
  expect_refused({"127.0.0.1:80"}, "it has no scheme");
  expect_refused({"http://192.0.2.1/"}, "not on this machine");
  expect_refused({url(), "-d", "10 years"}, "'10 years' is no time from 1us to 24h");
  expect_refused({url(), "-c", "0"}, "--connections");
  expect_refused({url(), "--rate", "0"}, "--rate");
  expect_refused({url(), "--arrivals", "poisson"}, "--rate");
  expect_refused({url(), "--ramp", "1:2:3s", "--rate", "1"}, "excludes");
  expect_refused({url(), "--ramp", "1:2:3s", "-d", "1s"}, "excludes");
  expect_refused({url(), "--ramp", "1:2"}, "write FROM:TO:TIME");
  expect_refused({url(), "--stages", "/nonexistent"}, "can't read /nonexistent");
  expect_refused({url(), "--rate", "1", "--arrivals", "weekly"}, "weekly not in {");
  expect_refused({url(), "-H", "nonsense"}, "write 'Name: value'");
  expect_refused({url(), "--body-file", "/nonexistent"}, "can't read /nonexistent");
  expect_refused({url(), "--body", "x", "--body-file", "y"}, "excludes");
  const std::string root = "http://" + server_.address();
  expect_refused({root, "--requests-file", "/nonexistent"}, "can't read /nonexistent");
  expect_refused({url(), "--requests-file", "y", "-X", "PUT"}, "excludes");
  expect_refused({url(), "--requests-file", "/dev/null"}, "write the URL without one");
  expect_refused({root, "--requests-file", "/dev/null"}, "there is no request");
  expect_refused({url(), "--expect", "ok"}, "--expect");
  expect_refused({"tcp://" + server_.address(), "--expect", "200"}, "are for http://");
  expect_refused({url(), "--json", "--histogram"}, "excludes");
  expect_refused({"tcp://" + server_.address(), "--size", "65536", "-p", "8"},
                 "make either smaller");
}

}  // namespace
}  // namespace contend::load
