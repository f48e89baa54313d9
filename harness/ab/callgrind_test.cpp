// Reading callgrind's files: what is in one that callgrind wrote, and what is refused, however it
// was changed or cut off.
#include "harness/ab/callgrind.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "harness/base/random.hpp"
#include "harness/testing/testing.hpp"

namespace contend::ab {
namespace {

using contend::testing::complains;

// As callgrind 3.19.0 writes it, but shorter.
const std::string profile =
    "# callgrind format\nversion: 1\ncreator: callgrind-3.19.0\npid: 15541\n"
    "cmd:  build/release/contend-cases fib\npart: 1\n\n\ndesc: I1 cache: \n"
    "desc: Trigger: Program termination\n\npositions: line\nevents: Ir\nsummary: 0\n\n\n"
    "ob=(3) /usr/lib/libc.so.6\nfl=(11) ???\nfn=(38) contend::fib(unsigned long)\n"
    "0 304\ncfn=(40) operator new(unsigned long)\ncalls=1 0\n0 3641489\n\n"
    "totals: 3641793\n";

/// The profile with the one place where `part` is replaced.
std::string with(const std::string& part, const std::string& other) {
  std::string changed = profile;
  const std::size_t at = changed.find(part);
  EXPECT_NE(at, std::string::npos) << part;
  return changed.replace(at, part.size(), other);
}

void expect_refused(const std::string& text, const std::string& why) {
  EXPECT_TRUE(complains([&] { instructions_in(text); }, why)) << text;
}

TEST(Callgrind, SaysHowManyInstructions) {
  EXPECT_EQ(instructions_in(profile), 3'641'793U);
  EXPECT_EQ(instructions_in(with("totals: 3641793", "totals: 18446744073709551615")), UINT64_MAX);
}

TEST(Callgrind, IsRefusedWhereItIsNotAsItShouldBe) {
  expect_refused("", "does not begin with '# callgrind format'");
  expect_refused("hello\n" + profile, "does not begin");
  expect_refused(with("version: 1\n", ""), "has no 'version'");
  expect_refused(with("version: 1", "version: 2"), "has '2' for 'version'");
  expect_refused(with("events: Ir\n", ""), "has no 'events'");
  expect_refused(with("events: Ir", "events: Ir Dr Dw"), "'Ir Dr Dw' for 'events'");
  expect_refused(with("totals: 3641793\n", ""), "has no 'totals'");
  expect_refused(with("totals: 3641793", "totals: 0"), "counted nothing");
  for (const char* no_count : {"", "-5", "+5", "12 34", "1e6", "5x", "18446744073709551616"})
    expect_refused(with("3641793", no_count), "which is no count");
  expect_refused(profile + "totals: 5\n", "has 'totals' twice");
  expect_refused(profile + profile, "twice");
}

TEST(Callgrind, IsRefusedWhereverItIsCutOff) {
  for (std::size_t size = 0; size < profile.size(); ++size)
    EXPECT_THROW(instructions_in(profile.substr(0, size)), std::invalid_argument) << size;
}

// Whatever the bytes: a count that the last line says, or a refusal.
TEST(Callgrind, SaysNothingThatIsNotInIt) {
  std::mt19937_64 generator(5);
  std::size_t read = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string changed = profile;
    for (std::uint64_t left = 1 + uniform_below(generator, 3); left > 0; --left) {
      const std::size_t at = uniform_below(generator, changed.size());
      const auto byte = static_cast<char>(uniform_below(generator, 256));
      switch (uniform_below(generator, 3)) {
        case 0: changed[at] = byte; break;
        case 1: changed.insert(at, 1, byte); break;
        default: changed.erase(at, 1 + uniform_below(generator, 40)); break;
      }
    }
    try {
      const std::string line = "\ntotals: " + std::to_string(instructions_in(changed)) + "\n";
      const std::string said = changed.substr(changed.find("\ntotals:"));
      EXPECT_EQ(std::stoull(said.substr(8)), std::stoull(line.substr(8))) << changed;
      read += 1;
    } catch (const std::invalid_argument&) {
    }
  }
  EXPECT_GT(read, 5'000U) << "most places do not matter";
}

}  // namespace
}  // namespace contend::ab
