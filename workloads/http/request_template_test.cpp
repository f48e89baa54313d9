// Templates, and what comes of them.
#include "workloads/http/request_template.hpp"

#include <gtest/gtest.h>

#include <charconv>
#include <set>
#include <stdexcept>

namespace contend {
namespace {

const std::string line = "GET / HTTP/1.1\r\n";

std::string made(const RequestTemplate& request, RequestTemplate::Values values = {}) {
  std::string bytes = "before";
  SplitMix random(1);
  request.append_to(bytes, values, random);
  EXPECT_TRUE(bytes.starts_with("before"));
  return bytes.substr(6);
}

TEST(RequestTemplate, IsTheSameEachTimeWithoutPlaces) {
  EXPECT_EQ(made({"anything {seq}"}), "anything {seq}");
  EXPECT_EQ(made({line, std::nullopt}), line + "\r\n");
  EXPECT_EQ(made({line, "{seq}"}), line + "Content-Length: 5\r\n\r\n{seq}");
  EXPECT_EQ(made({line, ""}), line + "Content-Length: 0\r\n\r\n");
  const RequestTemplate parsed = RequestTemplate::parse(line, "{\"a\": {}}");
  EXPECT_TRUE(parsed.is_constant());
  EXPECT_EQ(made(parsed), line + "Content-Length: 9\r\n\r\n{\"a\": {}}");
}

TEST(RequestTemplate, PutsValuesInTheirPlacesAndCountsTheBodyAfterwards) {
  const RequestTemplate request = RequestTemplate::parse(
      "PUT /{conn}/{seq} HTTP/1.1\r\nX: {}{seq}\r\n", "{\"seq\": {seq}, \"conn\": {conn}}");
  EXPECT_FALSE(request.is_constant());
  EXPECT_TRUE(request.is_numbered());
  EXPECT_EQ(made(request, {.sequence = 1234567890123, .connection = 42}),
            "PUT /42/1234567890123 HTTP/1.1\r\nX: {}1234567890123\r\nContent-Length: 34\r\n\r\n"
            "{\"seq\": 1234567890123, \"conn\": 42}");
}

TEST(RequestTemplate, DrawsNumbersFromTheirRangeAllOfThem) {
  const RequestTemplate request = RequestTemplate::parse("{rand:-2:2}\r\n", std::nullopt);
  EXPECT_FALSE(request.is_numbered());
  SplitMix random(1);
  std::set<int> drawn;
  for (int i = 0; i < 1000; ++i) {
    std::string bytes;
    request.append_to(bytes, {}, random);
    int value = 0;
    ASSERT_EQ(std::from_chars(bytes.data(), bytes.data() + bytes.size(), value).ec, std::errc{});
    drawn.insert(value);
  }
  EXPECT_EQ(drawn, (std::set{-2, -1, 0, 1, 2}));
  EXPECT_EQ(made(RequestTemplate::parse("{rand:9223372036854775807:9223372036854775807}\r\n", {})),
            "9223372036854775807\r\n\r\n");
  EXPECT_NO_THROW(
      made(RequestTemplate::parse("{rand:-9223372036854775808:9223372036854775807}\r\n", {})));
}

TEST(RequestTemplate, RefusesWhatIsNoPlace) {
  for (const char* place :
       {"{sqe}", "{", "{}", "{seq", "{rand}", "{rand:1}", "{rand:2:1}", "{rand:a:b}",
        "{rand:1:2:3}", "{rand:1: 2}", "{rand:1:9223372036854775808}", "{SEQ}"}) {
    EXPECT_THROW(RequestTemplate::parse(std::string("GET /") + place + " HTTP/1.1\r\n", {}),
                 std::invalid_argument)
        << place;
  }
  EXPECT_THROW(RequestTemplate::parse(line + "X: {rand:2:1}\r\n", {}), std::invalid_argument);
  EXPECT_THROW(RequestTemplate::parse(line, "{rand:2:1}"), std::invalid_argument);
}

/// Whatever the template, what it makes is a head and a body of the length that the head says.
TEST(RequestTemplate, SaysHowLongTheBodyIs) {
  SplitMix random(5);
  constexpr std::string_view parts[] = {"{seq}", "{conn}", "{rand:0:99999}", "{", "}", "x", "{}"};
  for (int i = 0; i < 5000; ++i) {
    std::string body;
    for (std::uint64_t length = random() % 8; length > 0; --length)
      body += parts[random() % std::size(parts)];
    const RequestTemplate request = RequestTemplate::parse(line, body);
    std::string bytes;
    request.append_to(bytes, {.sequence = random(), .connection = 7}, random);
    const std::size_t end = bytes.find("\r\n\r\n");
    ASSERT_NE(end, std::string::npos);
    EXPECT_TRUE(
        bytes.substr(0, end).ends_with("Content-Length: " + std::to_string(bytes.size() - end - 4)))
        << bytes;
  }
}

}  // namespace
}  // namespace contend
