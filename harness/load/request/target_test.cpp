// URLs and times as they are written.
#include "harness/load/request/target.hpp"

#include <gtest/gtest.h>

#include <random>

#include "harness/testing/testing.hpp"

namespace contend::load {
namespace {

using testing::complains;
using namespace std::chrono_literals;

TEST(Target, ReadsUrls) {
  const Target whole = Target::parse("http://127.0.0.1:8080/a/b?c=d#e");
  EXPECT_EQ(whole.protocol, Target::Protocol::http);
  EXPECT_EQ(whole.endpoint.text(), "127.0.0.1:8080");
  EXPECT_EQ(whole.host, "127.0.0.1:8080");
  EXPECT_EQ(whole.path, "/a/b?c=d");
  EXPECT_EQ(Target::parse("http://localhost").endpoint.text(), "127.0.0.1:80");
  EXPECT_EQ(Target::parse("http://localhost").path, "/");
  EXPECT_EQ(Target::parse("http://localhost?x").path, "/?x");
  EXPECT_EQ(Target::parse("http://[::1]:80/").endpoint.text(), "[::1]:80");
  EXPECT_EQ(Target::parse("http://[::1]/").endpoint.text(), "[::1]:80");
  const Target echo = Target::parse("tcp://127.0.0.1:7777");
  EXPECT_EQ(echo.protocol, Target::Protocol::echo);
  EXPECT_EQ(echo.endpoint.text(), "127.0.0.1:7777");
}

TEST(Target, ReadsUnixSockets) {
  for (const char* url : {"http://unix:/run/a.sock:/x?y", "unix:/run/a.sock:/x?y"}) {
    const Target target = Target::parse(url);
    EXPECT_EQ(target.protocol, Target::Protocol::http);
    EXPECT_EQ(target.endpoint.text(), "unix:/run/a.sock");
    EXPECT_EQ(target.path, "/x?y");
    EXPECT_EQ(target.host, "localhost");
  }
  EXPECT_EQ(Target::parse("unix:/run/a.sock").path, "/");
  EXPECT_EQ(Target::parse("tcp://unix:/run/a.sock").protocol, Target::Protocol::echo);
}

TEST(Target, LooksNamesUpWhenAsked) {
  Target target = Target::parse("http://LocalHost:8080/x");  // not the word that means 127.0.0.1
  EXPECT_EQ(target.name, "LocalHost");
  EXPECT_EQ(target.host, "LocalHost:8080");
  EXPECT_EQ(target.endpoint.length, 0U);
  target.resolve();
  EXPECT_TRUE(target.endpoint.is_loopback());
  EXPECT_TRUE(target.endpoint.text().ends_with(":8080")) << target.endpoint.text();
  target = Target::parse("http://[::1]/");
  EXPECT_EQ(target.name, "::1");
  target.resolve();
  EXPECT_EQ(target.endpoint.text(), "[::1]:80");
  EXPECT_EQ(Target::parse("http://192.0.2.1/").name, "192.0.2.1");
  EXPECT_EQ(Target::parse("unix:/run/a.sock").name, "");
  // No label of a name may be so long (RFC 1035, section 2.3.4), and nobody is asked for it.
  target = Target::parse("http://" + std::string(64, 'x') + ".invalid/");
  EXPECT_TRUE(complains([&] { target.resolve(); }, ".invalid has no address"));
}

TEST(Target, SaysWhatIsWrong) {
  const auto refused = [](const char* url, const std::string& why) {
    EXPECT_TRUE(complains([&] { Target::parse(url); }, why)) << url;
  };
  refused("127.0.0.1:80", "no scheme");
  refused("https://127.0.0.1/", "no TLS");
  refused("http:///x", "no host");
  refused("http://:8080/", "no host");
  refused("tcp://:7777", "no host");
  refused("http://127.0.0.1:0/", "by its port");
  refused("http://me@127.0.0.1/", "a user");
  refused("http://-x/", "no address");
  refused("http://a b/", "blank");
  refused("http://::1/", "no address");
  refused("http://256.0.0.1/", "no address");
  refused("http://example.org:x/", "by its port");
  refused("http://127.0.0.1:99999/", "no address");
  refused("tcp://127.0.0.1", "no port");
  refused("tcp://127.0.0.1:1/x", "no paths");
  refused("http://127.0.0.1/a b", "blank");
  refused("http://127.0.0.1/\r\nX: y", "blank");
  refused("http://127.0.0.1/\x7f", "written as %7F");
  refused("http://127.0.0.1/a\xc3\xa4", "outside ASCII, written as %C3%A4 in a path");
  refused("http://127.0.0.1/\xff?x", "outside ASCII, written as %FF in a path");
  refused("http://b\xc3\xbc.example/", "xn--");
  refused("unix:/run/a.sock:/\xc3\xa4", "outside ASCII");
  refused("unix:", "no address");
}

TEST(Target, SurvivesAnyBytes) {
  std::mt19937_64 random(3);
  const std::string seeds[] = {"http://127.0.0.1:8080/a?b#c", "http://unix:/run/x:/y",
                               "tcp://[::1]:7"};
  int read = 0;
  for (int i = 0; i < testing::random_cases(20'000); ++i) {
    std::string url = seeds[random() % 3];
    for (std::uint64_t changes = random() % 4; changes > 0; --changes)
      url[random() % url.size()] = static_cast<char>(random());
    try {
      const Target target = Target::parse(url);
      EXPECT_EQ(character_fault(target.path), "");
      EXPECT_EQ(target.host.find_first_of(" \r\n"), std::string::npos);
      ++read;
    } catch (const std::invalid_argument&) {
    }
  }
  EXPECT_GT(read, testing::random_cases(1'000));
}

}  // namespace
}  // namespace contend::load
