// Where load may go.
#include "engines/net.hpp"

#include <gtest/gtest.h>

#include "engines/test_host.hpp"

namespace contend::test {
namespace {

/// What is said against it, or nothing.
std::string refusal(const std::string& address, const std::string& allowed) {
  const Endpoint endpoint = Endpoint::parse(address);
  try {
    require_allowed(endpoint, address, endpoint.host(), allowed);
    return {};
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

TEST(RequireAllowed, TakesThisMachineAndTheOneThatIsNamed) {
  for (const char* address : {"127.0.0.1:80", "127.1.2.3:80", "[::1]:80", "unix:/tmp/x"})
    EXPECT_EQ(refusal(address, ""), "");
  EXPECT_EQ(refusal("192.0.2.1:80", "192.0.2.1"), "");
  EXPECT_EQ(refusal("[2001:db8::1]:80", "2001:db8::1"), "");
}

TEST(RequireAllowed, RefusesOthers) {
  EXPECT_EQ(refusal("192.0.2.1:80", ""),
            "192.0.2.1:80 is not on this machine; to load another one that is yours to load, say "
            "--allow-remote 192.0.2.1");
  EXPECT_NE(refusal("[2001:db8::1]:80", "").find("say --allow-remote 2001:db8::1"),
            std::string::npos);
  EXPECT_EQ(refusal("192.0.2.1:80", "192.0.2.2"),
            "--allow-remote names '192.0.2.2', and 192.0.2.1:80 goes to '192.0.2.1'");
  EXPECT_NE(refusal("127.0.0.1:80", "192.0.2.2"), "");
  EXPECT_NE(refusal("unix:/tmp/x", "localhost"), "");
}

TEST(RequireAllowed, IsAskedByDrive) {
  const std::vector<std::string> drive{"drive", "epoll", "echo", "--connect", "192.0.2.1:80"};
  EXPECT_EQ(TestHost(drive).wait().status, 2);
}

}  // namespace
}  // namespace contend::test
