// Listeners that overflow, and others that don't.
#include "harness/machine/listeners.hpp"

#include <gtest/gtest.h>

#include "engines/test_server.hpp"
#include "harness/machine/self_check.hpp"
#include "harness/testing/testing.hpp"

namespace contend {
namespace {

class Listeners : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!listeners_at(own())) GTEST_SKIP() << "this kernel does not tell of listeners";
  }
  Endpoint own() const { return Endpoint::loopback(port_of(listener_)); }

  Fd listener_ = test::listening_socket();
};

TEST_F(Listeners, OfOthersAreNotBlamed) {
  const HostReading before = HostReading::now(own());
  const test::DeafListener other;
  const HostReading after = HostReading::now(own());
  EXPECT_GT(after.accept_overflows, before.accept_overflows);
  EXPECT_EQ(overflows_between(before, after), 0U);
}

TEST_F(Listeners, OfTheTargetAreCounted) {
  const test::DeafListener deaf;
  const HostReading before = HostReading::now(deaf.endpoint());
  const Fd client = client_socket(deaf.endpoint(), SOCK_NONBLOCK);
  connect(client.get(), deaf.endpoint().get(), deaf.endpoint().length);
  EXPECT_TRUE(testing::eventually(
      [&] { return overflows_between(before, HostReading::now(deaf.endpoint())) > 0U; }));
}

TEST_F(Listeners, MayHaveNoAddressOfTheirOwn) {
  Fd any;
  try {
    any = listen_on(Endpoint::parse("[::]:0"));
  } catch (const std::system_error& error) {
    GTEST_SKIP() << error.what();
  }
  EXPECT_EQ(listeners_at(Endpoint::loopback(port_of(any))).value().size(), 1U);
}

TEST_F(Listeners, AreThoseThatCanBeSeen) {
  const Fd unused = test::bound_socket();
  EXPECT_FALSE(listeners_at(Endpoint::loopback(port_of(unused)))) << "it does not listen";
  EXPECT_FALSE(listeners_at(Endpoint::parse("unix:/nonexistent")));
  const std::string port = std::to_string(port_of(listener_));
  EXPECT_FALSE(listeners_at(Endpoint::parse("192.0.2.1:" + port))) << "another machine";
  EXPECT_FALSE(listeners_at(Endpoint::parse("127.0.0.2:" + port))) << "another address";
}

TEST(ListenerDrops, AreThoseOfEachSocket) {
  EXPECT_EQ(drops_between({{.cookie = 1, .drops = 5}, {.cookie = 2, .drops = 0}},
                          {{.cookie = 1, .drops = 7}, {.cookie = 3, .drops = 4}}),
            6U);
  EXPECT_EQ(drops_between({{.cookie = 1, .drops = UINT32_MAX}}, {{.cookie = 1, .drops = 1}}), 2U);
}

}  // namespace
}  // namespace contend
