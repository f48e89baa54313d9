// Manifests of outside engines: strict reading, paths, and whatever bytes a file may hold.
#include "harness/process/manifest.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/base/json.hpp"
#include "harness/base/random.hpp"
#include "harness/testing/json_testing.hpp"
#include "harness/testing/testing.hpp"

namespace contend {
namespace {

using nlohmann::json;
using testing::complains;
namespace fs = std::filesystem;

json some_manifest() {
  return json::parse(R"({"summary": "one thread", "needs": "some-package",
    "command": ["sh", "host.sh", "-c", "../shared/code.sh", "missing.sh", ""],
    "plays": {"serve": ["echo", "http"], "drive": ["fetch"], "run": ["fib"]}})");
}

class ManifestTest : public ::testing::Test {
 protected:
  ManifestTest() {
    fs::create_directory(mine());
    fs::create_directory(folder_.path() / "shared");
    folder_.file("mine/host.sh", "");
    folder_.file("shared/code.sh", "");
  }
  fs::path mine() const { return folder_.path() / "mine"; }
  HostEngine parsed(const json& manifest) const { return parse_manifest(manifest, mine()); }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories(folder_.path() / name);
    folder_.file(name + "/manifest.json", text);
  }

  testing::TemporaryFolder folder_;
};

TEST_F(ManifestTest, SaysHowToStartWhatAndWhatItPlays) {
  const HostEngine engine = parsed(some_manifest());
  EXPECT_EQ(engine.name, "mine");
  EXPECT_EQ(engine.summary, "one thread");
  EXPECT_TRUE(engine.outside());
  EXPECT_TRUE(engine.charted);
  EXPECT_FALSE(engine.scales || engine.spins || engine.delays);
  EXPECT_EQ(engine.unavailable, std::nullopt);
  EXPECT_TRUE(engine.plays(Role::serve, "http"));
  EXPECT_TRUE(engine.plays(Role::drive, "fetch"));
  EXPECT_FALSE(engine.plays(Role::serve, "fetch"));
  EXPECT_FALSE(engine.plays(Role::run, "sleep"));
}

TEST_F(ManifestTest, MakesPathsThatHoldInAnyFolder) {
  const std::vector<std::string> command = parsed(some_manifest()).command;
  ASSERT_EQ(command.size(), 6U);
  EXPECT_TRUE(command[0].ends_with("/sh") && fs::path(command[0]).is_absolute()) << command[0];
  EXPECT_EQ(command[1], mine() / "host.sh");
  EXPECT_EQ(command[2], "-c");
  EXPECT_EQ(command[3], folder_.path() / "shared" / "code.sh");
  EXPECT_EQ(command[4], "missing.sh");
  EXPECT_EQ(command[5], "");
}

TEST_F(ManifestTest, TellsThatAProgramIsMissingAndWhereItComesFrom) {
  const auto reason = [&](const char* program, const json& package) {
    json manifest = some_manifest();
    manifest["command"] = {program};
    if (package.is_null())
      manifest.erase("needs");
    else
      manifest["needs"] = package;
    return parsed(manifest).unavailable.value_or("it is there");
  };
  EXPECT_EQ(reason("no-such", "some-package"),
            "no no-such in PATH; install the package some-package");
  EXPECT_EQ(reason("no-such", {}), "no no-such in PATH");
  EXPECT_EQ(reason("/no/such", "some-package"),
            "no program /no/such; install the package some-package");
  EXPECT_EQ(reason("./host.sh", {}), "no program " + std::string(mine() / "host.sh"))
      << "a file that may not be executed";
  fs::permissions(mine() / "host.sh", fs::perms::owner_all);
  EXPECT_EQ(reason("./host.sh", {}), "it is there");
}

TEST_F(ManifestTest, NamesFileAndFieldOfWhatIsWrong) {
  const auto expect = [&](const char* field, const json& value, const std::string& stderr_text) {
    json manifest = some_manifest();
    manifest[field] = value;
    EXPECT_TRUE(complains([&] { parsed(manifest); },
                          std::string(mine() / "manifest.json") + ": " + stderr_text));
  };
  expect("summary", 3, "summary: must be a string, not '3'");
  expect("needs", json::array(), "needs: must be a string");
  expect("comand", "x", "no field 'comand' here; there are command, needs, plays, summary");
  expect("command", "sh", "command: must be an array");
  expect("command", {"sh", 3}, "command[1]: must be a string");
  expect("command", json::array(), "command: must begin with a program");
  expect("command", {"", "x"}, "command: must begin with a program");
  expect("command", {"sh", std::string("a\0b", 3)}, "command: must be without characters");
  expect("plays", {"echo"}, "plays: must be an object");
  expect("plays", json::object(), "plays: must have one of serve, drive, run, lesson");
  expect("plays", {{"server", {"echo"}}},
         "plays: no field 'server' here; there are drive, lesson, run, serve");
  expect("plays", {{"serve", "echo"}}, "plays.serve: must be an array");
  expect("plays", {{"serve", json::array()}}, "plays.serve: must name a workload");
  expect("plays", {{"serve", {"echo", 3}}}, "plays.serve[1]: must be a string");
  expect("plays", {{"serve", {"echo", "fib"}}},
         "plays.serve: no workload 'fib' of this role; there are echo, http, mixed");
  expect("plays", {{"run", {"fib", "fib"}}}, "plays.run: 'fib' is there twice");
  json manifest = some_manifest();
  manifest.erase("command");
  EXPECT_TRUE(complains([&] { parsed(manifest); }, "mine/manifest.json: command: is missing"));
  EXPECT_TRUE(complains([&] { parsed(json::array()); }, "mine/manifest.json: must be an object"));
}

TEST_F(ManifestTest, IsFoundInEachFolderThatHasOne) {
  write("b-second", some_manifest().dump());
  write("a_first", some_manifest().dump());
  std::vector<std::string> names;
  for (const HostEngine& engine : outside_engines(folder_.path())) names.push_back(engine.name);
  EXPECT_EQ(names, (std::vector<std::string>{"a_first", "b-second"}));
  EXPECT_TRUE(complains([&] { outside_engines(folder_.path() / "none"); }, "no folder '"));
}

TEST_F(ManifestTest, RefusesFilesThatAreNone) {
  const auto expect = [&](const std::string& name, const std::string& stderr_text) {
    EXPECT_TRUE(complains([&] { outside_engines(folder_.path()); }, stderr_text));
    fs::remove_all(folder_.path() / name);
  };
  write("cut", some_manifest().dump().substr(0, 50));
  expect("cut", "cut/manifest.json: not JSON at byte");
  write("empty", "");
  expect("empty", "empty/manifest.json: not JSON");
  write("long", std::string(70'000, ' '));
  expect("long", "long/manifest.json: it is longer than 64 KiB");
  write("Large", some_manifest().dump());
  expect("Large", "Large/manifest.json: the folder's name is the engine's and must be of a-z");
  fs::create_directories(folder_.path() / "folder" / "manifest.json");
  expect("folder", "folder/manifest.json: it is a folder");
}

TEST_F(ManifestTest, MayNotTakeTheNameOfAnother) {
  Host host;
  host.engines = {{.name = "one", .summary = "", .roles = {}, .unavailable = {}}};
  write("two", some_manifest().dump());
  add_outside(host, outside_engines(folder_.path()));
  ASSERT_EQ(host.engines.size(), 2U);
  EXPECT_EQ(host.engines[1].name, "two");
  EXPECT_TRUE(complains([&] { add_outside(host, outside_engines(folder_.path())); },
                        "two/manifest.json: the host has an engine 'two' already"));
}

/// A value that may stand anywhere in JSON.
json any_field(std::mt19937_64& generator) {
  switch (uniform_below(generator, 8)) {
    case 0: return nullptr;
    case 1: return UINT64_MAX;
    case 2: return "sh";
    case 3: return std::string("\0\n\xc3\xa4/..", 7);
    case 4: return json::array({"sh", "echo"});
    case 5: return json::object({{"serve", {"echo"}}});
    case 6: return std::string(300, '/');
    default: return "fetch";
  }
}

// Whatever a file holds, it is an engine, or an error that names the file.
TEST_F(ManifestTest, SurvivesAnyChangeOfAnyField) {
  JsonChanger changer(some_manifest(), 7);
  int refused = 0, parsed_well = 0;
  for (int i = 0; i < testing::random_cases(3'000); ++i) {
    const json manifest = changer.changed(any_field, 2);
    try {
      const HostEngine engine = parsed(manifest);
      EXPECT_FALSE(engine.command.empty() || engine.played.empty());
      ++parsed_well;
    } catch (const std::invalid_argument& error) {
      EXPECT_NE(std::string(error.what()).find("mine/manifest.json"), std::string::npos);
      ++refused;
    }
  }
  EXPECT_GT(refused, testing::random_cases(1'000));
  EXPECT_GT(parsed_well, testing::random_cases(100));
}

TEST_F(ManifestTest, SurvivesAnyBytes) {
  std::mt19937_64 generator(8);
  const std::string text = some_manifest().dump();
  for (int i = 0; i < testing::random_cases(500); ++i) {
    std::string bytes = text;
    for (int changes = 0; changes < 3; ++changes)
      bytes[uniform_below(generator, bytes.size())] = static_cast<char>(generator());
    if (i % 2 == 0) bytes.resize(uniform_below(generator, bytes.size() + 1));
    write("mine", bytes);
    try {
      load_manifest(mine());
    } catch (const std::invalid_argument& error) {
      EXPECT_NE(std::string(error.what()).find("mine/manifest.json"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace contend
