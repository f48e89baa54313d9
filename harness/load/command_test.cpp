// `contend load` as a program: what it prints, refuses, and how it ends.
#include <gtest/gtest.h>
#include <signal.h>

#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "engines/exit_codes.hpp"
#include "engines/test_server.hpp"
#include "harness/base/interruption.hpp"
#include "harness/load/load_testing.hpp"
#include "harness/load/request/target.hpp"
#include "harness/process/child.hpp"
#include "harness/stats/histogram.hpp"
#include "harness/testing/testing.hpp"

namespace contend::load {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test::Client;
using test::TestServer;

using testing::patience;

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
  static std::string output_of(Child& child) { return load_testing::output_of(child, patience); }
  void expect_refused(std::vector<std::string> arguments, const std::string& why) {
    const auto child = start(std::move(arguments));
    EXPECT_EQ(child->wait(Clock::now() + patience).number, 2) << why;
    EXPECT_NE(child->stderr_text().find(why), std::string::npos) << child->stderr_text();
  }

  void expect_valid(const json& said) {
    Child validator(guard_,
                    {.arguments = {"/usr/bin/python3", CONTEND_SOURCE_DIR "/scripts/validate.py",
                                   folder_.file("load.json", said.dump())}});
    EXPECT_TRUE(validator.wait(Clock::now() + patience).clean()) << validator.stderr_text();
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
    expect_valid(said);
    const bool is_trusted = said["verdict"]["trusted"] != false;
    EXPECT_EQ(child->wait(Clock::now() + patience).number, is_trusted ? 0 : 3);
    EXPECT_EQ(said["target"], url());
    EXPECT_EQ(said["address"], server_.address());
    EXPECT_EQ(said["connections"], 3);
    EXPECT_GT(said["answered"], 0);
    EXPECT_EQ(said["errors"], json::object());
    EXPECT_EQ(said["loop"], loop.empty() ? "closed" : "open");
    const json& times = said[loop.empty() ? "service_time" : "response_time"];
    EXPECT_GE(Histogram::from_json(times).count(), said["answered"]);
    EXPECT_TRUE(said["objective"].is_null());
  }
}

TEST_F(LoadCommandTest, JudgesAnObjective) {
  for (const bool holds : {true, false}) {
    const auto child = start({url(), "-n", "20", "--json", "--expect-slo",
                              holds ? "errors=0,max<1h" : "errors=0,max<1us"});
    const json said = child->read(Clock::now() + patience, {}, {});
    expect_valid(said);
    // Whether it is to be trusted depends on the machine; broken means either.
    const int code = child->wait(Clock::now() + patience).number;
    EXPECT_TRUE(holds ? code == 0 || code == 3 : code == 1 || code == 3) << code;
    EXPECT_EQ(said["objective"]["held"], holds);
    EXPECT_EQ(said["objective"]["terms"][0]["held"], true);
  }
  const auto words = start({url(), "-n", "20", "--expect-slo", "max<1us"});
  EXPECT_NE(output_of(*words).find("max<1us broken: "), std::string::npos);
}

TEST_F(LoadCommandTest, DiscardsTheWarmUp) {
  const auto child = start({url(), "--rate", "100", "-d", "300ms", "--warm-up", "200ms", "--json"});
  const json said = child->read(Clock::now() + patience, {}, {});
  EXPECT_EQ(said["warm_up_ns"], 200'000'000);
  EXPECT_EQ(said["duration_ns"], 300'000'000);
  EXPECT_EQ(said["arrivals"]["stages"][0]["duration_ns"], 500'000'000);
  EXPECT_EQ(said["seconds"][0]["offered"], 30);
}

TEST_F(LoadCommandTest, LoadsAtSeveralRates) {
  const auto sweep = start({url(), "--sweep", "50:100:2", "-d", "1s", "--json"});
  const json rates = sweep->read(Clock::now() + patience, {}, {});
  expect_valid(rates);
  EXPECT_EQ(rates["points"][1]["rate_per_s"], 100);
  EXPECT_TRUE(rates["points"][1]["outcome"].is_null());
  const auto find = start({url(), "--find-max", "p50<1us", "-d", "2s", "--json"});
  const json found = find->read(Clock::now() + patience, {}, {});
  expect_valid(found);
  EXPECT_EQ(found["objective"], "p50<1us");
  EXPECT_TRUE(found["result"]["held_per_s"].is_null());
  const int code = find->wait(Clock::now() + patience).number;
  EXPECT_EQ(code, found["result"]["finding"] == "never_held" ? 1 : 3);
  const auto words = start({url(), "--find-max", "p50<1us", "-d", "1s"});
  EXPECT_NE(output_of(*words).find("p50<1us broken"), std::string::npos);
}

TEST_F(LoadCommandTest, DrawsWhatItFound) {
  const std::string prefix = folder_.path() / "drawn";
  const auto child = start({url(), "-n", "200", "--plot", prefix});
  output_of(*child);
  EXPECT_EQ(child->wait(Clock::now() + patience).kind, Ending::Kind::exited);
  EXPECT_TRUE(std::filesystem::exists(prefix + ".json"));
  EXPECT_GT(std::filesystem::file_size(prefix + ".png"), 1000U);
  expect_refused({url(), "--plot", "/nonexistent/x"}, "can't write /nonexistent/x.json");
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

TEST_F(LoadCommandTest, GoesToAnotherMachineWhereThatIsAllowed) {
  // Whatever lies between it and an address for documentation (RFC 5737), nobody answers.
  const auto child = start({"http://192.0.2.1/", "--allow-remote", "192.0.2.1", "-c", "1", "-d",
                            "200ms", "--timeout", "20ms"});
  const std::string words = output_of(*child);
  EXPECT_EQ(child->wait(Clock::now() + patience).number, 1) << child->stderr_text();
  EXPECT_NE(words.find("refused"), std::string::npos) << words << child->stderr_text();
}

TEST_F(LoadCommandTest, GoesToANameOfThisMachine) {
  Target target = Target::parse("http://LocalHost/");
  target.resolve();
  if (target.endpoint.family() != AF_INET) GTEST_SKIP() << "the server listens at 127.0.0.1 only";
  // The server answers whoever calls it by its address.
  const std::string host = "Host: " + server_.address();
  const auto child = start({"http://LocalHost:" + std::to_string(server_.port()) + "/x", "-H", host,
                            "-n", "20", "-c", "2"});
  const std::string words = output_of(*child);
  EXPECT_TRUE(child->wait(Clock::now() + patience).clean()) << child->stderr_text();
  EXPECT_NE(words.find("20 answers in"), std::string::npos) << words;
}

/// The shell that is to serve writes its number there, and becomes the server.
class ServedLoadTest : public LoadCommandTest {
 protected:
  std::string target() const { return "tcp://unix:" + (folder_.path() / "socket").string(); }
  std::string serving() const {
    return "echo $$ >" + number_ +
           "; exec " CONTEND_ENGINE_BINARY " serve epoll echo --listen unix:" +
           (folder_.path() / "socket").string();
  }
  pid_t served_by() const {
    pid_t pid = 0;
    std::ifstream(number_) >> pid;
    return pid;
  }
  /// A field of the server's /proc/PID/stat, from 3 on (proc_pid_stat(5)).
  std::string in_stat(int number) const {
    std::ifstream stat("/proc/" + std::to_string(served_by()) + "/stat");
    const std::string text{std::istreambuf_iterator<char>(stat), {}};
    std::istringstream fields(text.substr(text.rfind(')') + 1));
    std::string field;
    for (int at = 3; at <= number; ++at) fields >> field;
    return field;
  }
  std::uint64_t number_in_stat(int number) const {
    const std::string field = in_stat(number);
    return field.empty() ? 0 : std::stoull(field);
  }
  bool is_gone() const { return kill(served_by(), 0) != 0 && errno == ESRCH; }

  std::string number_ = folder_.path() / "number";
};

TEST_F(ServedLoadTest, StartsAServerMeasuresItAndEndsIt) {
  const std::string seconds = folder_.path() / "seconds.csv";
  const auto child =
      start({target(), "-d", "300ms", "--exec", serving(), "--json", "--csv", seconds});
  const json said = child->read(Clock::now() + patience, {}, {});
  child->wait(Clock::now() + patience);
  EXPECT_EQ(said["server"]["pid"], served_by());
  EXPECT_GT(said["server"]["cpu_ns"], 0);
  EXPECT_GT(said["server"]["memory_peak_bytes"], 0);
  EXPECT_EQ(said["server"]["answered"], said["answered"]);
  EXPECT_EQ(said["seconds"][0]["server_cpu_ns"], said["server"]["cpu_ns"]);
  EXPECT_TRUE(is_gone());
  Child validator(guard_,
                  {.arguments = {"/usr/bin/python3", CONTEND_SOURCE_DIR "/scripts/validate.py",
                                 folder_.file("load.json", said.dump())}});
  EXPECT_TRUE(validator.wait(Clock::now() + patience).clean()) << validator.stderr_text();
  std::ifstream file(seconds);
  std::string names, values;
  std::getline(file, names);
  std::getline(file, values);
  EXPECT_TRUE(names.ends_with(",server_cpu_ns")) << names;
  EXPECT_TRUE(values.ends_with("," + said["server"]["cpu_ns"].dump())) << values;
}

TEST_F(ServedLoadTest, LeavesNoServerBehindWhenItIsKilled) {
  const auto child = start({target(), "-d", "1h", "--exec", serving()});
  ASSERT_TRUE(testing::eventually([&] { return served_by() != 0; }));
  kill(child->pid(), SIGKILL);
  // Who was its child is this process's now, and so a zombie.
  EXPECT_TRUE(testing::eventually([&] { return is_gone() || in_stat(3) == "Z"; }));
}

TEST_F(ServedLoadTest, EndsTheServerWhenItIsInterrupted) {
  const auto child = start({target(), "-d", "1h", "--exec", serving(), "--json"});
  ASSERT_TRUE(testing::eventually([&] { return served_by() != 0; }));
  kill(child->pid(), SIGINT);
  EXPECT_EQ(child->wait(Clock::now() + patience).number, exit_interrupted);
  EXPECT_TRUE(is_gone());
}

TEST_F(ServedLoadTest, SaysThatTheServerEndedMeanwhile) {
  const auto child = start({target(), "-d", "1h", "--json", "--exec", serving()});
  // Its first answer takes less CPU time than this.
  constexpr std::uint64_t ticks_under_load = 30;
  ASSERT_TRUE(testing::eventually([&] {
    return served_by() != 0 && number_in_stat(14) + number_in_stat(15) > ticks_under_load;
  }));
  kill(served_by(), SIGKILL);
  ASSERT_TRUE(testing::eventually([&] { return in_stat(3) == "Z"; }));
  kill(child->pid(), SIGINT);
  const json said = child->read(Clock::now() + patience, {}, {});
  EXPECT_EQ(child->wait(Clock::now() + patience).number, exit_interrupted);
  EXPECT_TRUE(said["server"]["ended_ns"].is_number());
  EXPECT_NE(child->stderr_text().find("the server ended meanwhile, with signal 9"),
            std::string::npos)
      << child->stderr_text();
}

TEST_F(LoadCommandTest, SaysWhatIsWrongWithTheCommandLine) {
  expect_refused({}, "URL is required");
  expect_refused({"127.0.0.1:80"}, "it has no scheme");
  expect_refused({"http://192.0.2.1/"}, "not on this machine");
  expect_refused({"http://192.0.2.1/", "--allow-remote", "192.0.2.2"},
                 "names '192.0.2.2', and http://192.0.2.1/ goes to '192.0.2.1'");
  expect_refused({"unix:/nonexistent", "--allow-remote", "x"}, "goes to ''");
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
  expect_refused({url(), "--server-pid", "1", "--exec", "true"}, "excludes");
  expect_refused({url(), "--server-pid", "0"}, "--server-pid");
  expect_refused({url(), "--server-pid", std::to_string(getpid())}, "name the server's own");
  expect_refused({url(), "--exec", "true"}, "accepts connections");
  expect_refused({url(), "--expect-slo", "fast"}, "write terms such as");
  expect_refused({url(), "--find-max", "p99>5ms"}, "write < or <=");
  expect_refused({url(), "--find-max", "rate>5"}, "leave the term with rate out");
  expect_refused({url(), "--find-max", "errors=0", "--rate", "5"}, "excludes");
  expect_refused({url(), "--find-max", "errors=0", "--sweep", "5"}, "excludes");
  expect_refused({url(), "--sweep", "1:2"}, "write FROM:TO:POINTS");
  expect_refused({url(), "--sweep", "1:100:100", "-d", "1s"}, "a --duration of 10 s");
  expect_refused({url(), "--warm-up", "1s", "-n", "5"}, "excludes");
  expect_refused({url(), "--warm-up", "3s", "--ramp", "1:2:3s"}, "make --warm-up shorter");
  expect_refused({"tcp://" + server_.address(), "--size", "65536", "-p", "8"},
                 "make either smaller");
}

}  // namespace
}  // namespace contend::load
