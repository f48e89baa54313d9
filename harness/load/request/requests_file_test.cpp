// Requests as they are written in files.
#include "harness/load/request/requests_file.hpp"

#include <gtest/gtest.h>

#include <random>

#include "harness/testing/testing.hpp"

namespace contend::load {
namespace {

using testing::complains;

TEST(RequestsFile, HasOneALine) {
  const auto requests = parse_requests(
      "# what users do\n"
      "GET /\n"
      "\n"
      "  9\tGET   /items/{rand:1:10}?x=1\r\n"
      "1 POST /items {\"name\": \"item {seq}\"}\n"
      "DELETE /items/1");
  ASSERT_EQ(requests.size(), 4U);
  EXPECT_EQ(requests[0].method, "GET");
  EXPECT_EQ(requests[0].path, "/");
  EXPECT_EQ(requests[0].weight, 1U);
  EXPECT_EQ(requests[0].body, std::nullopt);
  EXPECT_TRUE(requests[0].has_places);
  EXPECT_EQ(requests[1].path, "/items/{rand:1:10}?x=1");
  EXPECT_EQ(requests[1].weight, 9U);
  EXPECT_EQ(requests[2].body, "{\"name\": \"item {seq}\"}");
  EXPECT_EQ(requests[3].method, "DELETE");
}

TEST(RequestsFile, HasOneABlock) {
  const auto requests = parse_requests(
      "HEAD /\n"
      "### 3\n"
      "PUT /items/{conn}\n"
      "Content-Type: application/json\n"
      "X: y\n"
      "\n"
      "{\n"
      "# no comment\n"
      "\n"
      "}\n"
      "###\r\n"
      "GET /b\r\n"
      "X: y\r\n"
      "\r\n"
      "###\n"
      "POST /c\n"
      "\n"
      "line\n\n");
  ASSERT_EQ(requests.size(), 4U);
  EXPECT_EQ(requests[1].weight, 3U);
  EXPECT_EQ(requests[1].path, "/items/{conn}");
  EXPECT_EQ(requests[1].fields,
            (std::vector<std::string>{"Content-Type: application/json", "X: y"}));
  EXPECT_EQ(requests[1].body, "{\n# no comment\n\n}");
  EXPECT_EQ(requests[2].fields, std::vector<std::string>{"X: y"});
  EXPECT_EQ(requests[2].body, std::nullopt);
  EXPECT_EQ(requests[3].body, "line\n");
}

TEST(RequestsFile, SaysWhatIsWrongAndWhere) {
  const auto refused = [](const char* text, const std::string& why) {
    EXPECT_TRUE(complains([&] { parse_requests(text); }, why)) << text;
  };
  refused("", "there is no request");
  refused("# nothing\n\n", "line 2 of the requests: there is no request");
  refused("GET /\nGET\n", "line 2 of the requests: '' is no path");
  refused("GET http://x/\n", "'http://x/' is no path");
  refused("0 GET /\n", "'0' is no weight");
  refused("1000001 GET /\n", "is no weight from 1 to 1,000,000");
  refused("1.5 GET /\n", "is no weight");
  refused("###", "a block has no request");
  refused("### heavy\nGET /\n", "'heavy' is no weight");
  refused("### 1 2\nGET /\n", "too much behind ###");
  refused("###\nGET / body\n", "after an empty line");
  std::string many;
  for (std::size_t i = 0; i <= max_requests_in_file; ++i) many += "GET /\n";
  refused(many.c_str(), "more than 65536 requests");
}

/// Whatever the file, it is read or refused; and what is read can be asked.
TEST(RequestsFile, IsReadOrRefused) {
  std::mt19937_64 random(3);
  constexpr std::string_view parts[] = {"GET", "POST", " /",    "/a",       "\n",    "\r\n",
                                        "###", " ",    "3",     "X: y",     "{seq}", "#",
                                        "b",   "\n\n", "###\n", "\nGET /\n"};
  int read = 0;
  for (int i = 0; i < testing::random_cases(20'000); ++i) {
    std::string text;
    for (std::uint64_t length = random() % 12; length > 0; --length)
      text += parts[random() % std::size(parts)];
    try {
      for (const RequestSpec& request : parse_requests(text)) {
        EXPECT_TRUE(request.path->starts_with('/')) << text;
        EXPECT_GE(request.weight, 1U);
        for (const std::string& field : request.fields)
          EXPECT_EQ(field.find('\n'), std::string::npos) << text;
      }
      ++read;
    } catch (const std::invalid_argument&) {
    }
  }
  EXPECT_GT(read, testing::random_cases(500));
}

}  // namespace
}  // namespace contend::load
