// What machine this is.
#include "harness/machine/machine.hpp"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string_view>

#include "engines/net.hpp"
#include "engines/uring/ring.hpp"

namespace contend {
namespace {

/// What follows "LABEL<white space>: " at the start of a line of /proc/cpuinfo or /proc/meminfo.
std::string line_after(std::string_view text, std::string_view label) {
  for (std::size_t at = text.find(label); at != std::string_view::npos;
       at = text.find(label, at + 1)) {
    if (at != 0 && text[at - 1] != '\n') continue;
    std::string_view line = text.substr(at + label.size());
    line = line.substr(0, line.find('\n'));
    const std::size_t start = line.find_first_not_of(" \t:");
    return std::string(start == std::string_view::npos ? "" : line.substr(start));
  }
  return {};
}

/// The signature of leaf 0x40000000, which hypervisors agreed to identify themselves by.
std::string hypervisor_signature() {
#if defined(__x86_64__) || defined(__i386__)
  std::array<unsigned, 4> registers{};
  __cpuid(0x40000000, registers[0], registers[1], registers[2], registers[3]);
  std::string signature(12, '\0');
  std::memcpy(signature.data(), &registers[1], signature.size());
  return signature.c_str();
#else
  return {};
#endif
}

std::optional<std::string> hypervisor_of(const std::filesystem::path& root,
                                         std::string_view cpuinfo) {
  if (auto type = read_text(root / "sys/hypervisor/type"); type && !type->empty()) return type;
  const std::string flags = " " + line_after(cpuinfo, "flags") + " ";
  if (flags.find(" hypervisor ") == std::string::npos) return std::nullopt;
  static constexpr std::pair<std::string_view, std::string_view> known[]{
      {"KVMKVMKVM", "kvm"},    {"Microsoft Hv", "hyperv"}, {"VMwareVMware", "vmware"},
      {"XenVMMXenVMM", "xen"}, {"TCGTCGTCGTCG", "qemu"},   {"bhyve bhyve ", "bhyve"},
      {"ACRNACRNACRN", "acrn"}};
  const std::string signature = hypervisor_signature();
  for (const auto& [text, name] : known)
    if (signature == text) return std::string(name);
  return "unknown";
}

std::optional<std::pair<unsigned, unsigned>> ports_of(const std::filesystem::path& root) {
  std::istringstream text(read_text(root / "proc/sys/net/ipv4/ip_local_port_range").value_or(""));
  std::pair<unsigned, unsigned> range;
  if (text >> range.first >> range.second) return range;
  return std::nullopt;
}

/// Of "always [madvise] never", what is in brackets.
std::optional<std::string> huge_pages_of(const std::filesystem::path& root) {
  const auto text = read_text(root / "sys/kernel/mm/transparent_hugepage/enabled");
  const std::size_t begin = text ? text->find('[') : std::string::npos;
  if (begin == std::string::npos) return std::nullopt;
  return text->substr(begin + 1, text->find(']') - begin - 1);
}

/// The least of the limits that hold for the own control group and those above it, version 2
/// (cgroups(7); "0::/a/b" in /proc/self/cgroup). "50000 100000" in cpu.max is half a CPU,
/// "max 100000" is no limit, and the root has no such file, but in a container it may.
std::optional<double> quota_of(const std::filesystem::path& root) {
  const std::filesystem::path groups = root / "sys/fs/cgroup";
  const std::string own = "\n" + read_text(root / "proc/self/cgroup").value_or("");
  const std::size_t found = own.find("\n0::/");
  std::filesystem::path group = groups;
  if (found != std::string::npos) {
    const std::size_t begin = found + 5;
    group /= own.substr(begin, own.find('\n', begin) - begin);
  }
  std::optional<double> least;
  for (;; group = group.parent_path()) {
    std::istringstream text(read_text(group / "cpu.max").value_or(""));
    double quota = 0, period = 0;
    if (text >> quota >> period && period > 0)
      least = std::min(least.value_or(quota / period), quota / period);
    if (group == groups || !group.has_relative_path()) return least;
  }
}

/// FNV-1a, 64 bits (RFC draft-eastlake-fnv): short, stable, and nobody has a reason to forge it.
std::string hash(std::string_view text) {
  std::uint64_t value = 0xcbf29ce484222325;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return fmt::format("{:016x}", value);
}

std::string fingerprint_of(const Machine& machine, std::string_view architecture) {
  // The kernel keeps a varying few MiB of the memory for itself.
  constexpr double gib = 1 << 30;
  return hash(fmt::format("{}|{}|{}|{:.0f}|{}", architecture, machine.cpu_model, machine.cores,
                          static_cast<double>(machine.memory_bytes) / gib,
                          machine.hypervisor.value_or("none")));
}

}  // namespace

std::optional<std::string> read_text(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  std::string text;
  try {
    text.assign(std::istreambuf_iterator<char>(file), {});
  } catch (const std::ios_base::failure&) {  // a folder, or of a process that has just gone
    return std::nullopt;
  }
  text.erase(text.find_last_not_of(" \t\n") + 1);
  return text;
}

Machine read_machine(const std::filesystem::path& root) {
  Machine machine;
  utsname name{};
  uname(&name);
  machine.kernel = fmt::format("{} {} {}", name.sysname, name.release, name.machine);

  const std::string cpuinfo = read_text(root / "proc/cpuinfo").value_or("");
  machine.cpu_model = line_after(cpuinfo, "model name");
  if (machine.cpu_model.empty()) machine.cpu_model = name.machine;
  machine.cores = static_cast<unsigned>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
  constexpr std::uint64_t kib = 1024;
  const std::string meminfo = read_text(root / "proc/meminfo").value_or("");
  machine.memory_bytes = std::strtoull(line_after(meminfo, "MemTotal").c_str(), nullptr, 10) * kib;
  machine.hypervisor = hypervisor_of(root, cpuinfo);
  const char* const without_io_uring = uring::unavailable();
  machine.io_uring = without_io_uring == nullptr ? "available" : without_io_uring;
  rlimit descriptors{};
  if (getrlimit(RLIMIT_NOFILE, &descriptors) == 0) machine.descriptor_limit = descriptors.rlim_max;
  machine.fingerprint = fingerprint_of(machine, name.machine);

  machine.ephemeral_ports = ports_of(root);
  if (const auto reuse = read_text(root / "proc/sys/net/ipv4/tcp_tw_reuse"))
    machine.time_wait_reuse = std::atoi(reuse->c_str());
  if (const auto backlog = read_text(root / "proc/sys/net/core/somaxconn"))
    machine.max_backlog = static_cast<unsigned>(std::strtoul(backlog->c_str(), nullptr, 10));
  machine.huge_pages = huge_pages_of(root);
  machine.governor = read_text(root / "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  machine.cpu_quota = quota_of(root);
  return machine;
}

nlohmann::json machine_json(const Machine& machine) {
  return {
      {"kernel", machine.kernel},
      {"cpu_model", machine.cpu_model},
      {"cores", machine.cores},
      {"memory_bytes", machine.memory_bytes},
      {"hypervisor", machine.hypervisor ? nlohmann::json(*machine.hypervisor) : nlohmann::json()},
      {"io_uring", machine.io_uring},
      {"descriptor_limit", machine.descriptor_limit},
      {"fingerprint", machine.fingerprint}};
}

}  // namespace contend
