// Requests from the words of a command line.
#include "harness/load/request/request.hpp"

#include <gtest/gtest.h>

#include <random>

#include "harness/testing/testing.hpp"

namespace contend::load {
namespace {

using testing::complains;

const Target target = Target::parse("http://127.0.0.1:81/a?b");

std::string bytes_of(const HttpCall& call) {
  std::string bytes;
  SplitMix random(1);
  call.request.append_to(bytes, {.sequence = 7, .connection = 3}, random);
  return bytes;
}

TEST(LoadRequest, IsAPlainGet) {
  const HttpCall call = http_call(target, {});
  EXPECT_EQ(bytes_of(call), "GET /a?b HTTP/1.1\r\nHost: 127.0.0.1:81\r\n\r\n");
  EXPECT_TRUE(call.any_body);
  EXPECT_EQ(call.status, 0);
}

TEST(LoadRequest, HasFieldsAndABody) {
  const HttpCall call = http_call(target, {.method = "PUT",
                                           .fields = {"Accept: text/plain", "X-Empty:"},
                                           .body = "hello",
                                           .status = 201,
                                           .expected = "made"});
  EXPECT_EQ(bytes_of(call),
            "PUT /a?b HTTP/1.1\r\nHost: 127.0.0.1:81\r\nAccept: text/plain\r\nX-Empty:\r\n"
            "Content-Length: 5\r\n\r\nhello");
  EXPECT_FALSE(call.any_body);
  EXPECT_EQ(call.text, "made");
  EXPECT_EQ(call.status, 201);
  EXPECT_NE(
      bytes_of(http_call(target, {.method = "POST", .body = ""})).find("Content-Length: 0\r\n"),
      std::string::npos);
}

TEST(LoadRequest, MayNameAnotherHost) {
  EXPECT_EQ(bytes_of(http_call(target, {.fields = {"hOST: example.org"}})),
            "GET /a?b HTTP/1.1\r\nhOST: example.org\r\n\r\n");
}

TEST(LoadRequest, HasPlacesOnlyWhereItSaysSo) {
  const RequestSpec request{
      .method = "PUT", .fields = {"X: {conn}"}, .path = "/{seq}", .body = "{seq}!"};
  EXPECT_TRUE(http_call(target, request).request.is_constant());
  RequestSpec filled = request;
  filled.has_places = true;
  EXPECT_EQ(bytes_of(http_call(target, filled)),
            "PUT /7 HTTP/1.1\r\nHost: 127.0.0.1:81\r\nX: 3\r\nContent-Length: 2\r\n\r\n7!");
}

TEST(LoadRequest, SaysWhatIsWrong) {
  const auto refused = [](const RequestSpec& request, const std::string& why) {
    EXPECT_TRUE(complains([&] { http_call(target, request); }, why));
  };
  refused({.method = ""}, "no HTTP method");
  refused({.method = "GET /"}, "no HTTP method");
  refused({.method = "CONNECT"}, "a tunnel");
  refused({.path = "/a b"}, "written as %20");
  refused({.path = "/\xc3\xa4"}, "written as %C3%A4");
  refused({.path = "/{sqe}", .has_places = true}, "no place in a request");
  refused({.method = "HEAD", .expected = "x"}, "HEAD has no body");
  for (const char* field : {"", "X", ": x", "X Y: z", "X: y\r\nZ: z", "X\n: y"})
    refused({.fields = {field}}, "write 'Name: value'");
  refused({.fields = {"content-length: 1"}}, "can't be set");
  refused({.fields = {"Transfer-Encoding: chunked"}}, "can't be set");
}

/// Whatever is accepted is one request: nothing in it ends its head early.
TEST(LoadRequest, IsOneRequestWhateverTheFieldsAre) {
  std::mt19937_64 random(8);
  constexpr std::string_view letters = "Ab: \r\n\t-;\x01\xff";
  int accepted = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string field = "A";
    for (std::uint64_t length = random() % 12; length > 0; --length)
      field += letters[random() % letters.size()];
    try {
      const std::string request = bytes_of(http_call(target, {.fields = {field}}));
      EXPECT_EQ(request.find("\r\n\r\n"), request.size() - 4) << request;
      ++accepted;
    } catch (const std::invalid_argument&) {
    }
  }
  EXPECT_GT(accepted, 500);
}

}  // namespace
}  // namespace contend::load
