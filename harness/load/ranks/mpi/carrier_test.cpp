// `contend load` as mpirun starts it: several ranks on this machine, and as if on two.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "engines/exit_codes.hpp"
#include "engines/test_server.hpp"
#include "harness/base/interruption.hpp"
#include "harness/load/load_testing.hpp"
#include "harness/machine/machine.hpp"
#include "harness/process/child.hpp"
#include "harness/stats/histogram.hpp"
#include "harness/testing/testing.hpp"

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

/// A server that answers all it is asked, and keeps what that was.
class Answering {
 public:
  TestServer::Talk talk() {
    return [this](Client& peer) {
      while (const auto got = load_testing::receive_request(peer)) {
        {
          const std::lock_guard held(mutex_);
          asked_.push_back(got->substr(0, got->find(" HTTP")));
        }
        peer.send("HTTP/1.1 204 None\r\nContent-Length: 0\r\n\r\n");
      }
    };
  }
  std::vector<std::string> asked() {
    const std::lock_guard held(mutex_);
    return asked_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> asked_;
};

class MpirunTest : public ::testing::Test {
 protected:
  MpirunTest() : server_(answering_.talk()) {}

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

  static std::string output_of(Child& child) { return load_testing::output_of(child, patience); }

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
    EXPECT_TRUE(validator.wait(Clock::now() + patience).clean()) << validator.stderr_text();
  }

  Answering answering_;
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

/// No number of a request or a connection is of two ranks; what is asked of the load is judged for
/// all of them.
TEST_F(MpirunTest, SharesNumbersWarmUpAndObjective) {
  const std::string requests = folder_.file("requests", "GET /{seq}\nGET /of/{conn}\n");
  const auto child = start({"-n", "2"}, {url().substr(0, url().size() - 1), "-c", "5", "--rate",
                                         "400", "--warm-up", "300ms", "-d", "1s", "--requests-file",
                                         requests, "--expect-slo", "p99<1us", "--json"});
  const json said = child->read(Clock::now() + patience, {}, {});
  const int code = child->wait(Clock::now() + patience).number;
  EXPECT_TRUE(code == 1 || (code == 3 && said["verdict"]["trusted"] == false)) << code;
  expect_schema(said);
  EXPECT_EQ(said["objective"]["held"], false);
  EXPECT_EQ(said["warm_up_ns"], 300'000'000);
  std::uint64_t offered = 0;
  for (const json& second : said["seconds"]) offered += second["offered"].get<std::uint64_t>();
  EXPECT_EQ(offered, 400U);
  const std::vector<std::string> asked = answering_.asked();
  EXPECT_GE(asked.size(), said["answered"].get<std::uint64_t>());
  std::set<std::string> numbers, connections;
  for (const std::string& each : asked)
    if (each.starts_with("GET /of/"))
      connections.insert(each);
    else
      EXPECT_TRUE(numbers.insert(each).second) << each;
  EXPECT_LE(connections.size(), 5U);
  EXPECT_GT(connections.size(), 2U);
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
    Answering answering;
    TestServer server(answering.talk());
    std::vector<std::string> options{"-n", "4"};
    options.insert(options.end(), way.begin(), way.end());
    const auto child = start(options, {"http://" + server.address(), "-c", "8", "-d", "1h"}, true);
    ASSERT_TRUE(testing::eventually([&] { return server.connections() == 8; }, patience));
    const pid_t rank = process_of(*child, 2);
    ASSERT_GT(rank, 0);
    kill(rank, SIGKILL);
    const std::string words = output_of(*child);
    // In contend's words or those of mpirun, which may not wait for the former.
    EXPECT_NE(words.find("rank 2 "), std::string::npos) << words;
    // With --enable-recovery mpirun itself ends with 0, whatever happens.
    if (way.size() != 1) {
      EXPECT_NE(child->wait(Clock::now() + patience).number, 0);
    }
  }
}

/// mpirun passes SIGUSR1 on, and goes on itself.
TEST_F(MpirunTest, SaysWhatThereIsWhenItIsInterrupted) {
  const auto child = start({"-n", "2"}, {url(), "-c", "4", "-d", "1h", "--json"});
  ASSERT_TRUE(testing::eventually([&] { return server_.connections() == 4; }, patience));
  kill(child->pid(), SIGUSR1);
  const json said = child->read(Clock::now() + patience, {}, {});
  const Ending ending = child->wait(Clock::now() + patience);
  EXPECT_EQ(ending.kind, Ending::Kind::exited);
  EXPECT_EQ(ending.number, exit_interrupted);
  EXPECT_EQ(said["ranks"].size(), 2U);
  expect_schema(said);
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

/// mpirun, rank 0 and the server are on one machine, rank 1 is on the other.
TEST_F(MpirunTest, LoadsFromTwoMachines) {
  if (geteuid() != 0) GTEST_SKIP() << "making network namespaces needs root";
  const TwoMachines machines;
  if (!machines.work()) GTEST_SKIP() << "no network namespaces with a cable (iproute2) here";
  const std::string shell = folder_.file("shell", machines.remote_shell());
  std::filesystem::permissions(shell, std::filesystem::perms::owner_all);
  Child server(guard_, {.arguments = {"ip", "netns", "exec", machines.here(), CONTEND_ENGINE_BINARY,
                                      "serve", "epoll", "http", "--listen", "198.51.100.1:0"}});
  const json listening = server.read(Clock::now() + patience, {}, {});
  const std::string address = "198.51.100.1:" + listening["listening"].dump();
  Child child(guard_,
              {.arguments = {"/bin/sh", "-c",
                             "exec ip netns exec " + machines.here() +
                                 " mpirun --allow-run-as-root --bind-to none -n 2"
                                 " --host localhost:1,198.51.100.2:1 --mca plm_rsh_agent " +
                                 shell +
                                 " --mca oob_tcp_if_include cable --mca btl_tcp_if_include cable"
                                 " --mca btl self,tcp " CONTEND_BINARY " load http://" +
                                 address + " --allow-remote 198.51.100.1 -c 4 -n 1000 --json"}});
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

TEST_F(MpirunTest, RefusesWhatIsOfOneProcess) {
  for (const std::vector<std::string>& asked : {std::vector<std::string>{"--find-max", "p99<1s"},
                                                {"--sweep", "10,20"},
                                                {"--plot", "x"},
                                                {"--server-pid", std::to_string(getpid())},
                                                {"--exec", "sleep 100"}}) {
    std::vector<std::string> arguments{url()};
    arguments.insert(arguments.end(), asked.begin(), asked.end());
    const auto child = start({"-n", "2"}, arguments, true);
    const std::string words = output_of(*child);
    EXPECT_NE(words.find("contend: " + asked[0] + " can't be shared by several ranks"),
              std::string::npos)
        << words;
    EXPECT_EQ(child->wait(Clock::now() + patience).number, 2);
  }
  EXPECT_EQ(server_.connections(), 0);
}

}  // namespace
}  // namespace contend::load
