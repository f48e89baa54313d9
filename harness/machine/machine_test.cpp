// The machine as read from made-up and from real /proc and /sys.
#include "harness/machine/machine.hpp"

#include <gtest/gtest.h>
#include <sched.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "harness/machine/noise.hpp"
#include "harness/machine/placement.hpp"

namespace contend {
namespace {

using namespace std::chrono_literals;
using Cores = std::vector<std::vector<unsigned>>;

/// A made-up root of the file system, removed at the end.
class Root {
 public:
  Root()
      : path_(std::filesystem::temp_directory_path() /
              ("contend-machine-" + std::to_string(std::random_device()()))) {}
  Root(const Root&) = delete;
  Root& operator=(const Root&) = delete;
  ~Root() { std::filesystem::remove_all(path_); }
  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name) << text;
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

TEST(MachineTest, ReadsNothingOfWhatIsNoFile) {
  EXPECT_EQ(read_text("/proc/self"), std::nullopt);
  EXPECT_EQ(read_text("/nonexistent"), std::nullopt);
  EXPECT_EQ(read_text("/dev/null"), "");
}

TEST(MachineTest, ReadsWhatTheKernelTells) {
  const Root root;
  root.write("proc/cpuinfo",
             "processor\t: 0\nvendor_id\t: Genuine\nmodel\t\t: 7\nmodel name\t: Example CPU 9\n"
             "flags\t\t: fpu sse2\n\nprocessor\t: 1\nmodel name\t: Other\n");
  root.write("proc/meminfo", "MemTotal:       16000000 kB\nMemFree: 1 kB\n");
  root.write("proc/sys/net/ipv4/ip_local_port_range", "32768\t60999\n");
  root.write("proc/sys/net/ipv4/tcp_tw_reuse", "2\n");
  root.write("proc/sys/net/core/somaxconn", "4096\n");
  root.write("sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
  root.write("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
  root.write("sys/fs/cgroup/cpu.max", "150000 100000\n");
  const Machine machine = read_machine(root.path());
  EXPECT_EQ(machine.cpu_model, "Example CPU 9");
  EXPECT_EQ(machine.memory_bytes, 16'000'000ULL * 1024);
  EXPECT_EQ(machine.hypervisor, std::nullopt);
  EXPECT_EQ(machine.ephemeral_ports, std::pair(32768U, 60999U));
  EXPECT_EQ(machine.time_wait_reuse, 2);
  EXPECT_EQ(machine.max_backlog, 4096U);
  EXPECT_EQ(machine.huge_pages, "madvise");
  EXPECT_EQ(machine.governor, "powersave");
  EXPECT_EQ(machine.cpu_quota, 1.5);

  // The limit of a group above counts too, the least of all.
  root.write("proc/self/cgroup", "0::/service/part\n");
  root.write("sys/fs/cgroup/service/cpu.max", "50000 100000\n");
  root.write("sys/fs/cgroup/service/part/cpu.max", "max 100000\n");
  EXPECT_EQ(read_machine(root.path()).cpu_quota, 0.5);
  root.write("sys/fs/cgroup/service/cpu.max", "max 100000\n");

  root.write("sys/hypervisor/type", "xen\n");
  root.write("sys/fs/cgroup/cpu.max", "max 100000\n");
  const Machine guest = read_machine(root.path());
  EXPECT_EQ(guest.hypervisor, "xen");
  EXPECT_EQ(guest.cpu_quota, std::nullopt);
  EXPECT_NE(guest.fingerprint, machine.fingerprint);
}

TEST(MachineTest, IsSilentAboutWhatTheKernelDoesNotTell) {
  const Machine machine = read_machine(Root().path());
  EXPECT_FALSE(machine.cpu_model.empty());  // the architecture
  EXPECT_EQ(machine.hypervisor, std::nullopt);
  EXPECT_EQ(machine.ephemeral_ports, std::nullopt);
  EXPECT_EQ(machine.huge_pages, std::nullopt);
  EXPECT_EQ(machine.governor, std::nullopt);
  EXPECT_EQ(machine.cpu_quota, std::nullopt);
}

TEST(MachineTest, ThisMachineIsWhole) {
  const Machine machine = read_machine();
  EXPECT_EQ(machine.kernel.substr(0, 6), "Linux ");
  EXPECT_GE(machine.cores, 1U);
  EXPECT_GT(machine.memory_bytes, 64ULL << 20);
  EXPECT_FALSE(machine.io_uring.empty());
  EXPECT_GT(machine.descriptor_limit, 0U);
  EXPECT_EQ(machine.fingerprint.size(), 16U);
  EXPECT_EQ(machine.fingerprint, read_machine().fingerprint);
  std::vector<std::string> names;
  const nlohmann::json json = machine_json(machine);
  for (const auto& [name, value] : json.items()) names.push_back(name);
  EXPECT_EQ(names,
            (std::vector<std::string>{"cores", "cpu_model", "descriptor_limit", "fingerprint",
                                      "hypervisor", "io_uring", "kernel", "memory_bytes"}));
}

TEST(PlacementTest, EngineAndLoadGetCoresOfTheirOwn) {
  const Placement four = choose_placement(Cores{{0}, {1}, {2}, {3}});
  EXPECT_EQ(four.engine_cpus, (std::vector<unsigned>{0, 1, 2}));
  EXPECT_EQ(four.load_cpus, (std::vector<unsigned>{3}));
  EXPECT_TRUE(four.pinned);
  EXPECT_EQ(four.note, std::nullopt);

  const Placement hyperthreads = choose_placement(Cores{{0, 3}, {1, 4}, {2, 5}});
  EXPECT_EQ(hyperthreads.engine_cpus, (std::vector<unsigned>{0, 1, 3, 4}));
  EXPECT_EQ(hyperthreads.load_cpus, (std::vector<unsigned>{2, 5}));

  const Placement two = choose_placement(Cores{{4}, {7}});
  EXPECT_EQ(two.engine_cpus, (std::vector<unsigned>{4}));
  EXPECT_EQ(two.load_cpus, (std::vector<unsigned>{7}));
  EXPECT_TRUE(two.pinned);
  EXPECT_TRUE(two.note.has_value());
}

TEST(PlacementTest, SaysWhenTheMachineIsTooSmall) {
  const Placement one = choose_placement(Cores{{5}});
  EXPECT_EQ(one.engine_cpus, one.load_cpus);
  EXPECT_FALSE(one.pinned);
  EXPECT_NE(one.note.value_or("").find("one CPU"), std::string::npos);
  EXPECT_FALSE(placement_json(one)["note"].is_null());

  const Placement siblings = choose_placement(Cores{{0, 1}});
  EXPECT_EQ(siblings.engine_cpus, (std::vector<unsigned>{0}));
  EXPECT_EQ(siblings.load_cpus, (std::vector<unsigned>{1}));
  EXPECT_TRUE(siblings.pinned);
  EXPECT_NE(siblings.note.value_or("").find("one core"), std::string::npos);
  EXPECT_THROW(choose_placement({}), std::invalid_argument);
}

TEST(PlacementTest, CoresAreThoseThatThisProcessMayUse) {
  const Cores cores = cores_allowed();
  cpu_set_t set;
  ASSERT_EQ(sched_getaffinity(0, sizeof set, &set), 0);
  std::size_t cpus = 0;
  for (const auto& core : cores) {
    for (const unsigned cpu : core) EXPECT_TRUE(CPU_ISSET(cpu, &set));
    cpus += core.size();
  }
  EXPECT_EQ(cpus, static_cast<std::size_t>(CPU_COUNT(&set)));

  // CPUs that share a core, as the kernel would tell.
  const Root root;
  for (const auto& core : cores)
    for (const unsigned cpu : core)
      root.write(
          "sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/thread_siblings_list",
          "0-63\n");
  ASSERT_EQ(cores_allowed(root.path()).size(), 1U);
  EXPECT_EQ(cores_allowed(root.path())[0].size(), cpus);
}

TEST(PlacementTest, PinsTheCallingThreadOnly) {
  const unsigned cpu = cores_allowed().back().back();
  cpu_set_t before, after;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  std::thread([&] {
    pin_this_thread({{cpu}});
    cpu_set_t pinned;
    ASSERT_EQ(sched_getaffinity(0, sizeof pinned, &pinned), 0);
    EXPECT_EQ(CPU_COUNT(&pinned), 1);
    EXPECT_TRUE(CPU_ISSET(cpu, &pinned));
    EXPECT_THROW(pin_this_thread({}), std::system_error);
  }).join();
  ASSERT_EQ(sched_getaffinity(0, sizeof after, &after), 0);
  EXPECT_TRUE(CPU_EQUAL(&before, &after));
}

TEST(NoiseTest, SharesAreOfAllCpuTime) {
  const CpuReading before = parse_proc_stat("cpu  100 0 50 1000 10 0 5 2 0 0\ncpu0 1 2 3", 1s);
  const CpuReading after = parse_proc_stat("cpu  200 10 90 1400 20 5 15 37 30 0\n", 2s);
  ASSERT_TRUE(before.known && after.known);
  // 100+10+40+5+10 = 165 busy, 410 idle, 35 stolen: 610 ticks of 10 ms, 1 s of which was ours.
  const Noise noise = noise_between(before, after);
  EXPECT_NEAR(noise.steal_share.value(), 35.0 / 610, 1e-9);
  EXPECT_NEAR(noise.foreign_cpu_share.value(), 65.0 / 610, 1e-9);
  EXPECT_NEAR(noise_json(noise)["steal_share"].get<double>(), 35.0 / 610, 1e-9);
}

TEST(NoiseTest, IsNullWhereTheKernelDoesNotTell) {
  for (const char* text : {"", "cpu", "cpu 1 2 3", "cpu0 1 2 3 4 5 6 7 8", "intr 5"})
    EXPECT_FALSE(parse_proc_stat(text, 0s).known) << text;
  const CpuReading known = parse_proc_stat("cpu 1 2 3 4 5 6 7 8", 0s);
  EXPECT_EQ(noise_between({}, known).steal_share, std::nullopt);
  EXPECT_EQ(noise_between(known, known).foreign_cpu_share, std::nullopt);
  EXPECT_TRUE(noise_json({})["steal_share"].is_null());
}

TEST(NoiseTest, OwnWorkIsNotForeign) {
  const CpuReading before = read_cpu();
  ASSERT_TRUE(before.known);
  for (CpuReading now = before; now.own - before.own < 100ms;) now = read_cpu();
  const CpuReading after = read_cpu();
  EXPECT_GE(after.own - before.own, 100ms);
  const Noise noise = noise_between(before, after);
  ASSERT_TRUE(noise.foreign_cpu_share.has_value());
  EXPECT_LE(*noise.foreign_cpu_share, 1.0);
  EXPECT_GE(after.busy - before.busy, 80ms);
}

}  // namespace
}  // namespace contend
