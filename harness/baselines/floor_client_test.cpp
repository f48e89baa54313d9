// The client that load is measured beside takes what a server sends for answers, as many as it
// sends, and says what is wrong where none come.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engines/engine.hpp"
#include "engines/test_server.hpp"
#include "harness/load/load_testing.hpp"
#include "harness/process/child.hpp"
#include "harness/testing/testing.hpp"

namespace contend {
namespace {

using nlohmann::json;
using testing::patience;

class FloorClientTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto unavailable = find_engine("io_uring").unavailable;
    if (const char* const why = unavailable == nullptr ? nullptr : unavailable())
      GTEST_SKIP() << why;
  }

  static std::vector<std::string> command(std::vector<std::string> options) {
    options.insert(options.begin(), CONTEND_FLOOR_CLIENT_BINARY);
    return options;
  }
  /// What is wrong, by its own words.
  std::string stderr_text(std::vector<std::string> options) {
    Child client(guard_, {.arguments = command(std::move(options))});
    EXPECT_NE(client.wait(Clock::now() + patience).number, 0);
    return client.stderr_text();
  }

  Guard guard_;
};

TEST_F(FloorClientTest, CountsNoMoreThanTheServerSends) {
  constexpr int connections = 3;
  for (const int pipeline : {1, 16}) {
    SCOPED_TRACE(pipeline);
    Child server(guard_, {.arguments = {CONTEND_KNOWN_SERVER_BINARY, "capacity", "--rate", "800"}});
    Child client(guard_, {.arguments = command({testing::address_of(server), "--seconds", "1",
                                                "--connections", std::to_string(connections),
                                                "--pipeline", std::to_string(pipeline)})});
    const json said = client.read(Clock::now() + patience, {}, {});
    EXPECT_TRUE(client.wait(Clock::now() + patience).clean()) << client.stderr_text();
    EXPECT_TRUE(server.stop(patience).clean()) << server.stderr_text();

    const auto answers = said.at("answers").get<int>();
    const auto seconds = said.at("seconds").get<double>();
    EXPECT_GT(answers, 0);
    EXPECT_EQ(answers % pipeline, 0);
    EXPECT_LE(answers, 800 * seconds + connections);
    EXPECT_GE(seconds, 1);
  }
}

TEST_F(FloorClientTest, SaysThatNobodyListens) {
  EXPECT_NE(stderr_text({"127.0.0.1:1"}).find("connect to 127.0.0.1:1: Connection refused"),
            std::string::npos);
}

TEST_F(FloorClientTest, SaysThatTheServerEnded) {
  test::TestServer server([](test::Client& peer) {
    for (int answers = 0; load_testing::receive_request(peer) && answers < 3; ++answers)
      peer.send(load_testing::right);
  });
  Child client(guard_, {.arguments = command({server.address(), "--seconds", "60"})});
  EXPECT_EQ(client.wait(Clock::now() + patience).number, 1);
  EXPECT_EQ(client.stderr_text(), "floor_client: the server closed a connection");
}

TEST_F(FloorClientTest, RefusesWrongUse) {
  EXPECT_NE(stderr_text({"127.0.0.1:1", "--pipeline", "0"}).find("--help"), std::string::npos);
  EXPECT_NE(stderr_text({"127.0.0.1"}).find("write HOST:PORT"), std::string::npos);
}

}  // namespace
}  // namespace contend
