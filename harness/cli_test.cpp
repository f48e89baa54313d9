// What every option of every command refuses: values that are empty, and numbers that are not
// finite. The options are those that --help lists, so that a new one is tested too.
#include "harness/cli.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <regex>

#include "engines/command_line.hpp"
#include "harness/bench/result_folder.hpp"
#include "harness/load/window.hpp"
#include "harness/process/child.hpp"
#include "harness/testing/testing.hpp"

namespace contend {
namespace {

using testing::patience;
using CommandWords = std::vector<std::string>;

struct CommandSaid {
  int exit_code = 0;
  std::string output{}, stderr_text{};
};

/// In this process, which is quick, and measures nothing as long as something is refused.
CommandSaid contend(CommandWords words) {
  words.insert(words.begin(), "contend");
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  CommandSaid said;
  std::string thrown;
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  try {
    said.exit_code = parse(static_cast<int>(pointers.size()), pointers.data())();
  } catch (const std::exception& error) {  // as main
    const bool is_wrong_use = dynamic_cast<const std::invalid_argument*>(&error) != nullptr;
    said.exit_code = is_wrong_use ? 2 : 1;
    thrown = error.what();
  }
  said.output = ::testing::internal::GetCapturedStdout();
  said.stderr_text = ::testing::internal::GetCapturedStderr() + thrown;
  return said;
}

/// The host's command line is in a program of its own.
CommandSaid contend_engine(CommandWords words) {
  words.insert(words.begin(), CONTEND_ENGINE_BINARY);
  const Guard guard;
  Child child(guard, {.arguments = words});
  CommandSaid said{.exit_code = child.wait(Clock::now() + patience).number};
  said.stderr_text = child.stderr_text();
  if (said.exit_code == 0) said.output = child.read_all(Clock::now() + patience, {});
  return said;
}

struct ListedOption {
  std::string name, type;
};

/// The options that take a value.
std::vector<ListedOption> options_in(const std::string& help) {
  const std::regex listed("\n  (?:-., ?)?(--[a-z-]+) ([A-Z]{2}[A-Z=]*)");
  std::vector<ListedOption> options;
  for (std::sregex_iterator found(help.begin(), help.end(), listed), end; found != end; ++found)
    options.push_back({(*found)[1], (*found)[2]});
  return options;
}

class EveryOption : public ::testing::Test {
 protected:
  using Run = CommandSaid (*)(CommandWords);

  /// Each value is refused in words that begin with the option's name.
  void expect_refused(Run run, const CommandWords& command, const std::string& option,
                      const std::string& value) {
    for (const bool is_one_word : {false, true}) {
      CommandWords words = command;
      if (is_one_word)
        words.push_back(option + "=" + value);
      else
        words.insert(words.end(), {option, value});
      const CommandSaid said = run(words);
      EXPECT_EQ(said.exit_code, 2) << ::testing::PrintToString(words);
      EXPECT_NE(said.stderr_text.find(option + ": "), std::string::npos)
          << ::testing::PrintToString(words) << said.stderr_text;
      EXPECT_LE(std::ranges::count(said.stderr_text, '\n'), 1) << said.stderr_text;
    }
  }

  void try_command(Run run, const CommandWords& command,
                   const std::vector<std::string>& may_be_empty = {}) {
    CommandWords help = command;
    help.emplace_back("--help");
    for (const auto& [option, type] : options_in(run(help).output)) {
      ++tried_;
      if (std::ranges::count(may_be_empty, option) == 0)
        for (const char* empty : {"", " ", "\t \n"}) expect_refused(run, command, option, empty);
      if (type == "FLOAT" || type == "INT" || type == "UINT" || type == "TIME")
        for (const char* number : {"nan", "-nan", "inf", "-inf", "1e999", "-1", "1x", "0x"})
          expect_refused(run, command, option, number);
    }
  }

  std::size_t tried_ = 0;
};

TEST_F(EveryOption, RefusesEmptyValuesAndNumbersThatAreNone) {
  for (const CommandWords& command : std::vector<CommandWords>{{"bench"},
                                                               {"course"},
                                                               {"list"},
                                                               {"serve"},
                                                               {"run"},
                                                               {"ab"},
                                                               {"compare"},
                                                               {"selftest"},
                                                               {"export"},
                                                               {"history", "add"},
                                                               {"history", "show"},
                                                               {"history", "check"},
                                                               {"history", "export"},
                                                               {"load-window"}})
    try_command(contend, command);
  try_command(contend, {"load"}, {"--body", "--expect-body"});
  EXPECT_GT(tried_, 100U);
}

TEST_F(EveryOption, OfTheHostRefusesThemToo) {
  for (const CommandWords& command :
       std::vector<CommandWords>{{}, {"serve"}, {"drive"}, {"run"}, {"lesson"}})
    try_command(contend_engine, command);
  EXPECT_GT(tried_, 12U);
}

TEST_F(EveryOption, RefusesWhatIsNotOnALine) {
  const CommandSaid url = contend({"load", ""});
  EXPECT_EQ(url.exit_code, 2);
  EXPECT_NE(url.stderr_text.find("URL: the value is empty"), std::string::npos) << url.stderr_text;
}

/// Both mean something: a body that is empty, which is sent, and one that is right.
TEST_F(EveryOption, MayBeAnEmptyBody) {
  for (const char* option : {"--body", "--expect-body"})
    for (const CommandWords& words :
         {CommandWords{option, ""}, CommandWords{std::string(option) + "="}}) {
      CommandWords command{"load", "no-target"};
      command.insert(command.end(), words.begin(), words.end());
      const CommandSaid said = contend(command);
      EXPECT_NE(said.stderr_text.find("it has no scheme"), std::string::npos) << said.stderr_text;
    }
}

/// A path of a socket that is not UTF-8 could not be told to whoever wants to connect.
TEST_F(EveryOption, TellsAHostNoPathThatItCanNotTell) {
  const CommandSaid said =
      contend_engine({"serve", "epoll", "echo", "--listen", "unix:/nowhere/\xff"});
  EXPECT_EQ(said.exit_code, 2);
  EXPECT_NE(said.stderr_text.find("is not UTF-8"), std::string::npos) << said.stderr_text;
}

/// JSON of 60,000 levels, by every way into contend. Whatever wrote it, it is refused in a line.
class DeepJson : public ::testing::Test {
 protected:
  DeepJson() {
    for (const char* folder : {"engines/deep", "pair/base"})
      std::filesystem::create_directories(at(folder));
    for (const char* name : {"result.json", "ab.json", "pair/base/result.json"})
      folder_.file(name, nested(60'000));
    folder_.file("engines/deep/manifest.json", nested(30'000));  // it may have 64 KiB
    host_ = folder_.file("host", "#!/bin/sh\ncat '" + at("result.json") + "'\n");
    std::filesystem::permissions(host_, std::filesystem::perms::owner_all);
  }
  static std::string nested(std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']') + "\n";
  }
  std::string at(const std::string& name) const { return folder_.path() / name; }
  void expect_refused(const CommandWords& words, int exit_code = 2) {
    const CommandSaid said = contend(words);
    EXPECT_EQ(said.exit_code, exit_code) << ::testing::PrintToString(words);
    EXPECT_NE(said.stderr_text.find("is nested deeper than 100 levels"), std::string::npos)
        << ::testing::PrintToString(words) << said.stderr_text;
  }

  testing::TemporaryFolder folder_;
  std::string host_;
};

TEST_F(DeepJson, IsRefusedByEveryWayIn) {
  const std::string folder = folder_.path(), result = at("result.json");
  expect_refused({"bench", "--suite", result});
  expect_refused({"bench", "--resume", folder});
  expect_refused({"compare", result, result});
  expect_refused({"history", "add", folder, "--file", at("history.sqlite")});
  expect_refused({"export", folder, "--format", "csv"});
  expect_refused({"load", "http://127.0.0.1:9/", "--stages", result});
  expect_refused({"selftest", "--from", at("pair"), "--only-simulate"});
  expect_refused({"list", "--external", at("engines")});
  expect_refused({"list", "--host", host_}, 1);
  const ResultFolder run = ResultFolder::create(at("out"), "x");
  std::filesystem::copy_file(at("result.json"), run.path() / "samples.jsonl",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_TRUE(testing::complains([&] { run.samples(); }, "samples.jsonl:1: is nested deeper"));
}

TEST(InRange, TakesBothEndsAndNothingBeyond) {
  const auto complaint_of = [](const CLI::Validator& check, std::string value) {
    return check(value);
  };
  for (const char* right : {"0.5", "2", "1e0", "0.5000"})
    EXPECT_EQ(complaint_of(in_range(0.5, 2.0), right), "") << right;
  EXPECT_EQ(complaint_of(in_range(0.5, 2.0), "nan"), "must be a number from 0.5 to 2, not 'nan'");
  for (const char* wrong : {"0.4999", "2.0001", "", " 1", "+1", "0x1p0", "1,5", "infinity"})
    EXPECT_NE(complaint_of(in_range(0.5, 2.0), wrong), "") << wrong;
  for (const char* wrong : {"0", "65536", "-1", "1.0", "18446744073709551617"})
    EXPECT_NE(complaint_of(in_range(1U, 65535U), wrong), "") << wrong;
}

TEST(LoadWindow, IsHiddenAndPassesOnWhatIsRefused) {
  CLI::App app;
  std::function<int()> command;
  load::add_load_window(app, command);
  EXPECT_EQ(app.help().find("load-window"), std::string::npos);
  app.parse("load-window echo --connect 192.0.2.1:80");
  EXPECT_THROW(command(), std::invalid_argument);
  EXPECT_THROW(app.parse("load-window echo"), CLI::ParseError);
}

}  // namespace
}  // namespace contend
