// `contend load` as mpirun starts it: several ranks on this machine, and as if on two.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "engines/test_server.hpp"
#include "harness/child.hpp"
#include "harness/histogram.hpp"
#include "harness/interruption.hpp"
#include "harness/machine.hpp"
#include "harness/testing.hpp"

namespace contend::load {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test::Client;
using test::TestServer;

constexpr Duration patience = 100s;

/// Whether the shell can do it.
bool works(const std::string& command) {
  Guard guard;
  Child child(guard, {.arguments = {"/bin/sh", "-c", command + " >/dev/null 2>&1"}});
  return child.wait(Clock::now() + patience).clean();
}

/// Whether a process may print where its parent does, which containers can forbid: else mpirun may
/// end before it has passed on what a rank has said.
bool may_print_directly() {
  const Fd parent{static_cast<int>(syscall(SYS_pidfd_open, getppid(), 0))};
  const Fd output{static_cast<int>(syscall(SYS_pidfd_getfd, parent.get(), STDERR_FILENO, 0))};
  return static_cast<bool>(output);
}

/// A server that answers all it is asked.
TestServer::Talk answering() {
  return [](Client& peer) {
    std::string got;
    for (std::string more = peer.receive(1); !more.empty(); more = peer.receive(1)) {
      got += more;
      if (!got.ends_with("\r\n\r\n")) continue;
      got.clear();
      peer.send("HTTP/1.1 204 None\r\nContent-Length: 0\r\n\r\n");
    }
  };
}

class MpirunTest : public ::testing::Test {
 protected:
  MpirunTest() : server_(answering()) {}

  void SetUp() override {
    if (!std::filesystem::exists(
            std::filesystem::path(CONTEND_BINARY).replace_filename("contend-mpi.so")))
      GTEST_SKIP() << "built without MPI";
    if (!works("mpirun --version")) GTEST_SKIP() << "there is no mpirun (openmpi-bin)";
  }

  /// mpirun and all that it has to say, with both of its outputs where `with_errors`.
  std::unique_ptr<Child> start(std::vector<std::string> options, std::vector<std::string> arguments,
                               bool with_errors = false) {
    std::vector<std::string> command{"/bin/sh", "-c",
                                     with_errors ? "exec \"$@\" 2>&1" : "exec \"$@\"", "sh",
                                     "mpirun", "--oversubscribe", "--bind-to", "none",
                                     // Ranks in a container may not look into each other's memory.
                                     "--mca", "btl_vader_single_copy_mechanism", "none"};
    if (geteuid() == 0) command.emplace_back("--allow-run-as-root");
    command.insert(command.end(), options.begin(), options.end());
    command.insert(command.end(), {CONTEND_BINARY, "load"});
    command.insert(command.end(), arguments.begin(), arguments.end());
    return std::make_unique<Child>(guard_, Command{.arguments = std::move(command)});
  }
  std::string url() const { return "http://" + server_.address() + "/x"; }

  /// All lines of its output, when it has ended.
  static std::string output_of(Child& child) {
    std::string all;
    try {
      for (;;) all += child.read_line(Clock::now() + patience, {}, {}) + '\n';
    } catch (const ChildFailure&) {  // it has ended
    }
    return all;
  }

  /// The process that mpirun has started as this rank, of which its environment tells.
  static pid_t process_of(const Child& mpirun, int rank) {
    const std::string own = "/proc/" + std::to_string(mpirun.pid());
    std::istringstream children(
        read_text(own + "/task/" + std::to_string(mpirun.pid()) + "/children").value_or(""));
    for (pid_t child = 0; children >> child;) {
      const auto environment = read_text("/proc/" + std::to_string(child) + "/environ");
      if (environment && environment->find("OMPI_COMM_WORLD_RANK=" + std::to_string(rank) + '\0') !=
                             std::string::npos)
        return child;
    }
    return 0;
  }

  void expect_schema(const json& said) {
    Child validator(guard_,
                    {.arguments = {"/usr/bin/python3", CONTEND_SOURCE_DIR "/scripts/validate.py",
                                   folder_.file("load.json", said.dump())}});
    EXPECT_TRUE(validator.wait(Clock::now() + patience).clean()) << validator.complaint();
  }

  TestServer server_;
  testing::TemporaryFolder folder_;
  Guard guard_;
};

/// 0, or 3 where the machine was too busy for its figures to be trusted.
void expect_right_ending(Child& child, const json& said) {
  const int code = child.wait(Clock::now() + patience).number;
  EXPECT_EQ(code, said["verdict"]["trusted"] == false ? 3 : 0) << said["verdict"];
}

TEST_F(MpirunTest, SharesConnectionsAndScheduleAmongTwoRanks) {
  const auto child =
      start({"-n", "2"}, {url(), "-c", "5", "-d", "1500ms", "--rate", "400", "--json"});
  const json said = child->read(Clock::now() + patience, {}, {});
  expect_right_ending(*child, said);
  expect_schema(said);
  EXPECT_EQ(said["connections"], 5);
  EXPECT_EQ(server_.connections(), 5);
  const std::uint64_t answered = said["answered"];
  EXPECT_EQ(answered + said["unanswered"].get<std::uint64_t>() +
                said["arrivals"]["unsent"].get<std::uint64_t>(),
            600U);
  EXPECT_EQ(Histogram::from_json(said["response_time"]).count(), answered);
  ASSERT_EQ(said["ranks"].size(), 2U);
  EXPECT_EQ(said["ranks"][0]["connections"], 2);
  EXPECT_EQ(said["ranks"][1]["connections"], 3);
  std::uint64_t by_ranks = 0, by_seconds = 0, offered = 0;
  for (const json& rank : said["ranks"]) {
    by_ranks += rank["answered"].get<std::uint64_t>();
    // Both have the clock of this machine.
    EXPECT_LE(std::abs(rank["clock_offset_ns"].get<std::int64_t>()), rank["clock_uncertainty_ns"]);
  }
  for (const json& second : said["seconds"]) {
    by_seconds += second["answered"].get<std::uint64_t>();
    offered += second["offered"].get<std::uint64_t>();
  }
  EXPECT_EQ(by_ranks, answered);
  EXPECT_EQ(by_seconds, answered);
  EXPECT_EQ(offered, 600U);
}

TEST_F(MpirunTest, SharesRequestsAmongFourRanksThatTalkOverTcp) {
  const auto child = start(
      {"-n", "4", "--mca", "btl", "self,tcp", "--mca", "btl_tcp_if_include", "lo"},
      {url(), "-c", "7", "-n", "1001", "--arrivals", "poisson", "--rate", "2000", "-d", "1m"});
  const std::string words = output_of(*child);
  EXPECT_NE(words.find("1,001 answers in"), std::string::npos) << words;
  EXPECT_NE(words.find("their clocks were compared to within"), std::string::npos) << words;
  EXPECT_EQ(server_.connections(), 7);
}

TEST_F(MpirunTest, NamesTheRankThatWasKilled) {
  const std::vector<std::string> tcp{"--mca", "btl", "self,tcp", "--mca", "btl_tcp_if_include",
                                     "lo"};
  for (const std::vector<std::string>& way :
       {std::vector<std::string>{}, tcp, std::vector<std::string>{"--enable-recovery"}}) {
    TestServer server(answering());
    std::vector<std::string> options{"-n", "4"};
    options.insert(options.end(), way.begin(), way.end());
    const auto child = start(options, {"http://" + server.address(), "-c", "8", "-d", "1h"}, true);
    ASSERT_TRUE(testing::eventually([&] { return server.connections() == 8; }, patience));
    const pid_t rank = process_of(*child, 2);
    ASSERT_GT(rank, 0);
    kill(rank, SIGKILL);
    const std::string words = output_of(*child);
    const std::string name = may_print_directly() ? "contend: rank 2 on " : "rank 2 ";
    EXPECT_NE(words.find(name), std::string::npos) << words;
    // With --enable-recovery mpirun itself ends with 0, whatever happens.
    if (way.size() != 1) {
      EXPECT_NE(child->wait(Clock::now() + patience).number, 0);
    }
  }
}

/// mpirun passes SIGUSR1 on, and goes on itself; with SIGINT it ends.
TEST_F(MpirunTest, SaysWhatThereIsWhenItIsInterrupted) {
  for (const int signal : {SIGUSR1, SIGINT}) {
    if (signal == SIGINT && !may_print_directly()) continue;
    TestServer server(answering());
    const auto child =
        start({"-n", "2"}, {"http://" + server.address(), "-c", "4", "-d", "1h", "--json"});
    ASSERT_TRUE(testing::eventually([&] { return server.connections() == 4; }, patience));
    kill(child->pid(), signal);
    const json said = child->read(Clock::now() + patience, {}, {});
    const Ending ending = child->wait(Clock::now() + patience);
    EXPECT_EQ(ending.kind, Ending::Kind::exited);
    EXPECT_EQ(ending.number, signal == SIGINT ? 1 : exit_interrupted);
    EXPECT_EQ(said["ranks"].size(), 2U);
    expect_schema(said);
  }
}

/// Two network namespaces with a cable between them, which are as two machines to whoever is in
/// them; gone with it.
class TwoMachines {
 public:
  TwoMachines() {
    works_ = works("ip netns add " + here_) && works("ip netns add " + there_) &&
             works("ip -n " + here_ + " link add cable type veth peer name cable netns " + there_);
    for (const auto& [machine, address] :
         {std::pair{here_, "198.51.100.1/30"}, {there_, "198.51.100.2/30"}})
      works_ = works_ && works("ip -n " + machine + " addr add " + address + " dev cable") &&
               works("ip -n " + machine + " link set cable up") &&
               works("ip -n " + machine + " link set lo up");
  }
  TwoMachines(const TwoMachines&) = delete;
  TwoMachines& operator=(const TwoMachines&) = delete;
  ~TwoMachines() {
    works("ip netns del " + here_);
    works("ip netns del " + there_);
  }

  bool work() const { return works_; }
  const std::string& here() const { return here_; }
  /// What mpirun calls instead of ssh, with a host and a command.
  std::string remote_shell() const {
    return "#!/bin/sh\nshift\nexec ip netns exec " + there_ +
           " unshare --uts sh -c \"hostname there; exec $*\"\n";
  }

 private:
  const std::string here_ = "contend-" + std::to_string(getpid()) + "-here",
                    there_ = "contend-" + std::to_string(getpid()) + "-there";
  bool works_ = false;
};

/// mpirun and rank 0 are on one machine, rank 1 is on the other. The server is at a unix socket,
/// which both of them reach.
TEST_F(MpirunTest, LoadsFromTwoMachines) {
  if (geteuid() != 0) GTEST_SKIP() << "making network namespaces needs root";
  const TwoMachines machines;
  if (!machines.work()) GTEST_SKIP() << "no network namespaces with a cable (iproute2) here";
  const std::string shell = folder_.file("shell", machines.remote_shell());
  std::filesystem::permissions(shell, std::filesystem::perms::owner_all);
  const std::string address = "unix:" + (folder_.path() / "server").string();
  Child server(guard_, {.arguments = {CONTEND_ENGINE_BINARY, "serve", "epoll", "http", "--listen",
                                      address}});
  server.read(Clock::now() + patience, {}, {});
  Child child(guard_, {.arguments = {"ip",
                                     "netns",
                                     "exec",
                                     machines.here(),
                                     "mpirun",
                                     "--allow-run-as-root",
                                     "--bind-to",
                                     "none",
                                     "-n",
                                     "2",
                                     "--host",
                                     "localhost:1,198.51.100.2:1",
                                     "--mca",
                                     "plm_rsh_agent",
                                     shell,
                                     "--mca",
                                     "oob_tcp_if_include",
                                     "cable",
                                     "--mca",
                                     "btl_tcp_if_include",
                                     "cable",
                                     "--mca",
                                     "btl",
                                     "self,tcp",
                                     CONTEND_BINARY,
                                     "load",
                                     "http://" + address,
                                     "-c",
                                     "4",
                                     "-n",
                                     "1000",
                                     "--json"}});
  const json said = child.read(Clock::now() + patience, {}, {});
  child.wait(Clock::now() + patience);
  EXPECT_EQ(said["answered"], 1000);
  EXPECT_EQ(said["errors"], json::object());
  ASSERT_EQ(said["ranks"].size(), 2U);
  EXPECT_NE(said["ranks"][0]["host"], "there");
  EXPECT_EQ(said["ranks"][1]["host"], "there");
  EXPECT_EQ(said["ranks"][1]["answered"], 500);
}

/// It may have fewer descriptors than its connections need.
TEST_F(MpirunTest, SaysWhyARankCannotGoOn) {
  const std::vector<std::string> load{url(), "-c", "100", "-d", "1h"};
  std::vector<std::string> options{"-n", "1", CONTEND_BINARY, "load"};
  options.insert(options.end(), load.begin(), load.end());
  options.insert(options.end(),
                 {":", "-n", "1", "/bin/sh", "-c", "ulimit -n 100; exec \"$@\"", "sh"});
  const auto child = start(options, load, true);
  const std::string words = output_of(*child);
  EXPECT_NE(words.find("contend: rank 1 on "), std::string::npos) << words;
  EXPECT_NE(words.find("the load needs 114 descriptors and may have 100"), std::string::npos)
      << words;
  EXPECT_EQ(child->wait(Clock::now() + patience).number, 1);
}

TEST_F(MpirunTest, RefusesMoreRanksThanThereIsToDo) {
  const auto child = start({"-n", "2"}, {url(), "-c", "1"}, true);
  const std::string words = output_of(*child);
  EXPECT_NE(words.find("contend: 2 ranks can't share 1 connections"), std::string::npos) << words;
  EXPECT_EQ(child->wait(Clock::now() + patience).number, 2);
}

}  // namespace
}  // namespace contend::load
