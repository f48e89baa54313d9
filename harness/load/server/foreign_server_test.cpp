// `contend load` as a program, flag by flag, against servers that are not ours: one of Python's
// standard library (foreign_server.py), which tells what it was asked, and nginx.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/load/server/foreign_testing.hpp"
#include "harness/process/child.hpp"
#include "harness/testing/testing.hpp"

namespace contend::load {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

using load_testing::Words;
using testing::patience;

class LoadOnForeignServer : public load_testing::OnForeignServer {
 protected:
  void serve_python(const std::string& protocol = "http") {
    log_ = folder_.file("requests.jsonl", "");
    serve(load_testing::python_server(protocol, log_));
  }

  /// A whole run of load on this path, as JSON; then there is an `exit_code_`.
  json load(const std::string& path, Words arguments) {
    arguments.insert(arguments.begin(), {CONTEND_BINARY, "load", "http://" + address_ + path});
    arguments.emplace_back("--json");
    Child child(guard_, {.arguments = arguments});
    json said = child.read(Clock::now() + patience, {}, {});
    exit_code_ = child.wait(Clock::now() + patience).number;
    return said;
  }
  /// The same where all is answered rightly; the requests are returned as the server saw them.
  std::vector<json> ask(const std::string& path, Words arguments) {
    std::ofstream(log_, std::ios::trunc);
    const json said = load(path, std::move(arguments));
    EXPECT_EQ(said["errors"], json::object()) << said["examples"];
    EXPECT_GT(said["answered"], 0);
    EXPECT_NE(exit_code_, 1);
    return log_.empty() ? std::vector<json>{} : asked();
  }
  /// In the order in which they came.
  std::vector<json> asked() const {
    std::vector<json> requests;
    std::ifstream lines(log_);
    for (std::string line; std::getline(lines, line);) requests.push_back(json::parse(line));
    return requests;
  }
  Words output_of(Words arguments) {
    arguments.insert(arguments.begin(), {CONTEND_BINARY, "load"});
    Child child(guard_, {.arguments = arguments});
    Words lines;
    try {
      for (;;) lines.push_back(child.read_line(Clock::now() + patience, {}, {}));
    } catch (const ChildFailure&) {  // it has ended
    }
    return lines;
  }

  std::string log_;
  int exit_code_ = 0;
};

TEST_F(LoadOnForeignServer, SharesRequestsAmongConnectionsAndThreads) {
  serve_python();
  const auto requests = ask("/", {"-n", "24", "-c", "3", "-t", "2", "--keep-alive", "2"});
  EXPECT_EQ(requests.size(), 24U);
  std::map<int, int> by_connection;
  for (const json& request : requests) by_connection[request["connection"]] += 1;
  EXPECT_GE(by_connection.size(), 12U);
  for (const auto& [connection, count] : by_connection) EXPECT_LE(count, 2);
  std::set<int> connections;
  for (const json& request : ask("/", {"-d", "300ms", "-c", "3", "-p", "4"}))
    connections.insert(request["connection"].get<int>());
  EXPECT_EQ(connections.size(), 3U);
}

TEST_F(LoadOnForeignServer, AsksWhatTheFlagsSay) {
  serve_python();
  const std::string file = folder_.file("body", "from a file");
  for (const json& request : ask("/echo", {"-n", "8", "-X", "PUT", "-H", "X-A: b", "-H", "C: d",
                                           "--body", "hello", "--expect-body", "hello"})) {
    EXPECT_EQ(request["method"], "PUT");
    EXPECT_EQ(request["path"], "/echo");
    EXPECT_EQ(request["fields"]["Host"], address_);
    EXPECT_EQ(request["fields"]["X-A"], "b");
    EXPECT_EQ(request["fields"]["C"], "d");
    EXPECT_EQ(request["body"], "hello");
  }
  for (const json& request : ask("/echo?a=b", {"-n", "8", "--body-file", file})) {
    EXPECT_EQ(request["method"], "POST");
    EXPECT_EQ(request["path"], "/echo?a=b");
    EXPECT_EQ(request["body"], "from a file");
  }
  EXPECT_EQ(ask("/", {"-n", "8", "-X", "HEAD"}).front()["method"], "HEAD");
}

TEST_F(LoadOnForeignServer, ChoosesFromAFile) {
  serve_python();
  const std::string file = folder_.file("requests",
                                        "3 GET /{conn}/{rand:5:6}\n"
                                        "### 1\n"
                                        "POST /echo\n"
                                        "X-Number: {seq}\n"
                                        "\n"
                                        "{\"number\": {seq}}\n");
  const auto requests = ask("/", {"-n", "200", "-c", "2", "-p", "3", "--requests-file", file,
                                  "--seed", "1", "-H", "X-Too: y"});
  std::set<std::string> paths;
  int posts = 0;
  for (const json& request : requests) {
    EXPECT_EQ(request["fields"]["X-Too"], "y");
    paths.insert(request["path"]);
    if (request["method"] != "POST") continue;
    const std::string number = request["fields"]["X-Number"];
    EXPECT_EQ(request["body"], "{\"number\": " + number + "}");
    posts += 1;
  }
  EXPECT_EQ(paths, (std::set<std::string>{"/0/5", "/0/6", "/1/5", "/1/6", "/echo"}));
  EXPECT_NEAR(posts, 50, 25);
}

TEST_F(LoadOnForeignServer, TellsRightFromWrong) {
  serve_python();
  ask("/status/404", {"-n", "8", "--expect", "404"});
  ask("/", {"-n", "8", "--expect-body", "ok"});
  const json wrong_status = load("/status/503", {"-n", "8"});
  EXPECT_EQ(exit_code_, 1);
  EXPECT_EQ(wrong_status["errors"], (json{{"wrong_status", 8}}));
  EXPECT_EQ(wrong_status["examples"]["wrong_status"], "503");
  EXPECT_EQ(load("/", {"-n", "8", "--expect-body", "no"})["errors"], (json{{"wrong_body", 8}}));
  EXPECT_EQ(load("/slow", {"-n", "8", "-c", "8", "--timeout", "30ms"})["errors"],
            (json{{"timed_out", 8}}));
}

TEST_F(LoadOnForeignServer, KeepsItsSchedules) {
  serve_python();
  const std::string stages = folder_.file(
      "stages.json",
      R"([{"duration": "200ms", "rate_per_s": 100}, {"duration": "200ms", "from_per_s": 100,
          "to_per_s": 300}])");
  const std::vector<std::pair<Words, int>> schedules{
      {{"--rate", "200", "-d", "400ms"}, 80},
      {{"--rate", "200", "-d", "400ms", "--pace", "spin"}, 80},
      {{"--ramp", "0:400:400ms"}, 80},
      {{"--ramp", "100:300:400ms:2"}, 80},
      {{"--stages", stages}, 60}};
  for (const auto& [flags, count] : schedules) {
    const json said = load("/", flags);
    EXPECT_EQ(said["loop"], "open");
    EXPECT_EQ(said["answered"].get<int>() + said["unanswered"].get<int>() +
                  said["arrivals"]["unsent"].get<int>(),
              count)
        << flags.front();
  }
  const json poisson =
      load("/", {"--rate", "500", "-d", "400ms", "--arrivals", "poisson", "--seed", "7"});
  EXPECT_EQ(poisson["seed"], 7);
  EXPECT_NEAR(poisson["answered"].get<double>(), 200.0, 60.0);
}

TEST_F(LoadOnForeignServer, PrintsInEveryForm) {
  serve_python();
  const std::string url = "http://" + address_ + "/";
  const Words table = output_of({url, "-n", "8"});
  ASSERT_FALSE(table.empty());
  EXPECT_EQ(table.front(), url + ": 64 connections, closed loop");
  const Words histogram = output_of({url, "-n", "8", "--histogram"});
  ASSERT_FALSE(histogram.empty());
  EXPECT_NE(histogram.front().find("Percentile"), std::string::npos);
  const Words csv = output_of({url, "-n", "8", "--csv", "-"});
  ASSERT_EQ(csv.size(), 2U);
  EXPECT_TRUE(csv[0].starts_with("end_ns,offered,sent,answered,in_flight,refused,")) << csv[0];
  const std::string file = folder_.path() / "seconds.csv";
  output_of({url, "-n", "8", "--csv", file});
  std::ifstream written(file);
  std::string heading;
  EXPECT_TRUE(std::getline(written, heading));
  EXPECT_EQ(heading, csv[0]);
}

TEST_F(LoadOnForeignServer, SpeaksEcho) {
  serve_python("echo");
  Child child(guard_, {.arguments = {CONTEND_BINARY, "load", "tcp://" + address_, "--size", "1000",
                                     "-p", "4", "-n", "100", "--json"}});
  const json said = child.read(Clock::now() + patience, {}, {});
  EXPECT_EQ(said["answered"], 100);
  EXPECT_EQ(said["errors"], json::object());
}

TEST_F(LoadOnForeignServer, LoadsNginx) {
  serve(load_testing::nginx_server());
  if (IsSkipped()) return;
  const std::string file = folder_.file("requests", "2 GET /?{seq}\nHEAD /\n");
  const std::vector<std::pair<std::string, Words>> all_right{
      {"/", {"-d", "200ms"}},
      {"/", {"-n", "500", "-c", "7", "-t", "3", "-p", "16"}},
      {"/", {"-n", "100", "--keep-alive", "1"}},
      {"/", {"-n", "100", "-X", "HEAD"}},
      {"/", {"-n", "300", "-p", "4", "--requests-file", file}},
      {"/nothing", {"-n", "100", "--expect", "404"}},
      {"/", {"--rate", "500", "-d", "300ms", "--arrivals", "poisson", "--pace", "spin"}},
      {"/", {"--ramp", "100:1000:300ms"}}};
  for (const auto& [path, flags] : all_right) ask(path, flags);
  EXPECT_EQ(load("/nothing", {"-n", "100"})["errors"], (json{{"wrong_status", 100}}));
}

}  // namespace
}  // namespace contend::load
