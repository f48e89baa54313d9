// What machine this is: what a result must tell so that it is not compared with another machine's.
// It changes nothing; what could be better about the machine is for doctor.hpp to say.
//   json_text(machine_json(read_machine()), 2)
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>

namespace contend {

struct Machine {
  std::string kernel;     ///< uname(2): "Linux 6.1.0-18-amd64 x86_64".
  std::string cpu_model;  ///< As /proc/cpuinfo has it, else the architecture.
  unsigned cores = 0;     ///< CPUs online, hyperthreads counted each.
  std::uint64_t memory_bytes = 0;
  std::optional<std::string> hypervisor;  ///< "kvm", "vmware"...; null: none seen.
  std::string io_uring;                   ///< "available", or why not.
  std::uint64_t descriptor_limit = 0;  ///< The hard one (RLIMIT_NOFILE); hosts raise theirs to it.
  /// Equal where results may be compared as of one kind of machine: a hash of architecture, CPU
  /// model, cores, memory in GiB and hypervisor, but neither of the kernel's version, which results
  /// state by itself, nor of any name.
  std::string fingerprint;

  // What a result does not hold, but doctor looks at. Null where it can't be read.
  std::optional<std::pair<unsigned, unsigned>> ephemeral_ports;  ///< First and last.
  std::optional<int> time_wait_reuse;     ///< tcp_tw_reuse: 0 never, 1 always, 2 on loopback.
  std::optional<unsigned> max_backlog;    ///< somaxconn: connections that may wait for accept.
  std::optional<std::string> huge_pages;  ///< Transparent ones: "always", "madvise" or "never".
  std::optional<std::string> governor;    ///< Of the first CPU's frequency.
  std::optional<double> cpu_quota;        ///< CPUs that the control group allows; null: no quota.
};

/// Of this machine. `root` is where /proc and /sys are looked for, for tests.
Machine read_machine(const std::filesystem::path& root = "/");

/// `machine` as in result.json.
nlohmann::json machine_json(const Machine& machine);

/// The content of a small file without the white space at its end, or null.
std::optional<std::string> read_text(const std::filesystem::path& path);

}  // namespace contend
