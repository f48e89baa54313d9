// Every flag of `contend load` on servers that are not ours: nginx, one of Python's standard
// library, and one that misbehaves in every way (rude_server.py). What a flag means is tested
// elsewhere (foreign_server_test.cpp, misbehaving_test.cpp); this is whether all of them come to an
// end, with an exit code and output that say what happened.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "harness/load/load_testing.hpp"
#include "harness/load/server/foreign_testing.hpp"
#include "harness/process/child.hpp"
#include "harness/testing/testing.hpp"

namespace contend::load {
namespace {

using load_testing::output_of;
using load_testing::Words;
using nlohmann::json;
using testing::patience;

constexpr int broken = 1, not_trusted = 3;

/// The runtime of the thread sanitizer does not see openat: what it opens passes for a descriptor
/// that another thread had before, and reading it for a race.
#if defined(__SANITIZE_THREAD__)
constexpr bool openat_is_seen = false;
#else
constexpr bool openat_is_seen = true;
#endif

struct Server {
  Words command;          ///< That prints its port.
  std::string text;       ///< What it answers.
  std::string port_flag;  ///< What goes before a port that is to be its own, if anything.
  bool misbehaves = false;
};

Server python(const char* protocol) {
  return {
      .command = load_testing::python_server(protocol, "/dev/null"), .text = "ok", .port_flag = {}};
}
Server nginx() {
  return {
      .command = load_testing::nginx_server(), .text = "Hello, world!", .port_flag = "--listen"};
}
Server rude(const char* protocol) {
  return {.command = {"/usr/bin/python3", "-B",
                      CONTEND_SOURCE_DIR "/harness/load/server/rude_server.py", protocol},
          .text = "ok",
          .port_flag = {},
          .misbehaves = true};
}

class EveryFlag : public load_testing::OnForeignServer {
 protected:
  void serve(const Server& server) {
    served_ = server;
    OnForeignServer::serve(server.command);
  }

  /// Runs each, and holds what it printed and its exit code against what the server is.
  void try_all(const std::string& scheme, const std::vector<Words>& all) {
    for (const Words& flags : all) {
      SCOPED_TRACE(::testing::PrintToString(flags));
      const bool starts_its_own = flags.front() == "--exec";
      if (!openat_is_seen && (starts_its_own || flags.front() == "--server-pid")) continue;
      Words words{CONTEND_BINARY, "load", scheme + (starts_its_own ? own_address_ : address_)};
      words.insert(words.end(), flags.begin(), flags.end());
      const auto has = [&](const char* flag) { return std::ranges::count(flags, flag) > 0; };
      if (!has("--connections")) words.insert(words.end(), {"-c", "4"});
      if (!has("--timeout")) words.insert(words.end(), {"--timeout", "100ms"});
      const bool is_text = has("--histogram");
      if (!is_text) words.emplace_back("--json");
      if (!has("--requests") && !has("--duration") && !has("-d") && !has("--ramp") &&
          !has("--stages"))
        words.insert(words.end(), {"-n", "30"});
      Child child(guard_, {.arguments = words});
      const std::string printed = output_of(child, patience);
      const Ending ending = child.wait(Clock::now() + patience);
      ASSERT_EQ(ending.kind, Ending::Kind::exited) << child.stderr_text();
      if (is_text) {
        EXPECT_NE(printed.find("Percentile"), std::string::npos) << printed;
        continue;
      }
      const json said = json::parse(printed, nullptr, false);
      ASSERT_TRUE(said.is_object()) << printed << child.stderr_text();
      EXPECT_TRUE(ending.number == 0 || ending.number == not_trusted ||
                  (ending.number == broken && served_.misbehaves))
          << printed << child.stderr_text();
      if (!said.contains("errors")) continue;  // of a search
      EXPECT_GT(said["answered"], 0) << printed;
      EXPECT_EQ(said["errors"].empty(), !served_.misbehaves) << printed;
    }
  }

  /// Each with what makes it end soon. An --exec comes first in its words.
  std::vector<Words> flags_of_http() {
    const std::string body = folder_.file("body", "from a file"),
                      requests = folder_.file("requests", "2 GET /?{seq}\nHEAD /?{conn}\n"),
                      stages = folder_.file("stages.json",
                                            R"([{"duration": "300ms", "rate_per_s": 100}])"),
                      out = folder_.path();
    return {{"--exec", own_command()},
            {"--connections", "7"},
            {"--threads", "2"},
            {"--duration", "400ms"},
            {"--warm-up", "100ms", "-d", "400ms"},
            {"--requests", "40"},
            {"--pipeline", "3"},
            {"--keep-alive", "2"},
            {"--timeout", "150ms"},
            {"--allow-remote", "127.0.0.1"},
            {"--method", "HEAD"},
            {"--header", "X-A: b"},
            {"--body", "x", "--expect", "200"},
            {"--body-file", body, "--expect", "200"},
            {"--expect", "200"},
            {"--expect-body", served_.text},
            {"--seed", "5", "--rate", "200", "--arrivals", "poisson", "-d", "300ms"},
            {"--pace", "spin", "--rate", "200", "-d", "300ms"},
            {"--ramp", "50:200:300ms"},
            {"--stages", stages},
            {"--server-pid", std::to_string(server_->pid())},
            {"--histogram"},
            {"--csv", out + "/seconds.csv"},
            {"--plot", out + "/chart"},
            {"--expect-slo", "p99<5s"},
            {"--find-max", "p99<50ms,errors<1%", "-d", "1500ms"},
            {"--sweep", "20,40", "-d", "1500ms"},
            {"--requests-file", requests}};
  }

  static std::string quoted(const Words& words) {
    std::string command;
    for (const std::string& word : words) command += "'" + word + "' ";
    return command;
  }
  /// Starts another server like the one that runs, on a port that was free just now.
  std::string own_command() {
    const std::string port = std::to_string(port_of(listen_on(Endpoint::loopback(0))));
    own_address_ = "127.0.0.1:" + port;
    Words command = served_.command;
    if (served_.port_flag.empty())
      command.push_back(port);
    else
      command.insert(command.end(), {served_.port_flag, own_address_});
    return quoted(command);
  }

 private:
  Server served_;
  std::string own_address_;
};

TEST_F(EveryFlag, OnPythonsServer) {
  serve(python("http"));
  try_all("http://", flags_of_http());
}

TEST_F(EveryFlag, OnNginx) {
  serve(nginx());
  if (IsSkipped()) return;
  try_all("http://", flags_of_http());
}

TEST_F(EveryFlag, OnAServerThatMisbehaves) {
  serve(rude("http"));
  try_all("http://", flags_of_http());
}

TEST_F(EveryFlag, OnEchoesThatAreNotOurs) {
  for (const Server& server : {python("echo"), rude("echo")}) {
    serve(server);
    try_all("tcp://", {{"--size", "1000"}, {"--size", "10", "--pipeline", "2"}});
  }
}

/// So that a new one is tried too.
TEST_F(EveryFlag, IsTriedHere) {
  Child help(guard_, {.arguments = {CONTEND_BINARY, "load", "--help"}});
  const std::string printed = output_of(help, patience);
  std::set<std::string> flags;
  const std::regex listed("\n  (?:-., ?)?(--[a-z-]+)");
  for (std::sregex_iterator found(printed.begin(), printed.end(), listed), end; found != end;
       ++found)
    flags.insert((*found)[1]);
  EXPECT_GT(flags.size(), 25U) << printed;
  serve(python("http"));
  std::set<std::string> tried{"--help", "--json", "--size", "--rate", "--arrivals"};
  for (const Words& words : flags_of_http()) tried.insert(words.front());
  EXPECT_EQ(flags, tried);
}

}  // namespace
}  // namespace contend::load
