// Whether this machine is fit for measuring.
#include "harness/machine/doctor.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "engines/engine.hpp"
#include "harness/base/table.hpp"
#include "workloads/json_text.hpp"

namespace contend {
namespace {

using nlohmann::json;

// From where on something is worth a word.
constexpr std::uint64_t enough_descriptors = 16384;  // 4,096 connections, on a host that forks
constexpr unsigned enough_ports = 20'000;
constexpr unsigned enough_backlog = 4096;
constexpr double much_steal = 0.01, much_foreign_cpu = 0.05;
constexpr double much_variation_of_work = 0.05, much_variation_of_round_trips = 0.15;
constexpr double slow_times_come_in_runs = 0.3;

constexpr double percent = 100;

bool is_above(const std::optional<double>& value, double limit) {
  return value && *value > limit;
}

void advise_on_cpus(const Examination& e, std::vector<Advice>& advice) {
  if (!e.build.sanitizers.empty() || e.build.build_type != "Release")
    advice.push_back(
        {fmt::format("this is a {} build{}: its numbers say nothing about engines",
                     e.build.build_type, e.build.sanitizers.empty() ? "" : " with sanitizers"),
         "cmake --preset release && cmake --build --preset release"});
  if (e.placement.note)
    advice.push_back({*e.placement.note, "use a machine with four cores or more"});
  if (e.machine.cpu_quota && *e.machine.cpu_quota < e.machine.cores)
    advice.push_back(
        {fmt::format("the control group allows {:.1f} of {} CPUs: whoever is over its share stands "
                     "still for some time",
                     *e.machine.cpu_quota, e.machine.cores),
         "run it without a CPU limit (docker run without --cpus; systemd without CPUQuota)"});
  if (e.machine.governor && *e.machine.governor != "performance")
    advice.push_back({fmt::format("the CPUs' frequency follows the load (governor {}), so that the "
                                  "first requests are slower",
                                  *e.machine.governor),
                      "cpupower frequency-set -g performance"});
}

void advise_on_noise(const Calibration& calibration, std::vector<Advice>& advice) {
  const Noise& noise = calibration.noise;
  if (is_above(noise.steal_share, much_steal))
    advice.push_back({fmt::format("the hypervisor gave {:.1f} % of the CPU time to others",
                                  *noise.steal_share * percent),
                      "use another host or dedicated CPUs, or measure at a quieter time"});
  if (is_above(noise.foreign_cpu_share, much_foreign_cpu))
    advice.push_back({fmt::format("other processes use {:.0f} % of the CPU time",
                                  *noise.foreign_cpu_share * percent),
                      "top -o %CPU   # and end what need not run"});
  const auto on_variation = [&](const char* what, const Variation& variation, double limit) {
    if (!is_above(variation.coefficient_of_variation, limit)) return;
    advice.push_back(
        {fmt::format("{} of {} each vary by {:.1f} %{}", what, duration_text(variation.median_ns),
                     *variation.coefficient_of_variation * percent,
                     is_above(variation.lag1_autocorrelation, slow_times_come_in_runs)
                         ? ", and slow times come in runs"
                         : ""),
         "contend bench --rounds 30   # many rounds spread over time average it out"});
  };
  on_variation("slices of the same work", calibration.work, much_variation_of_work);
  on_variation("batches of round trips", calibration.round_trips, much_variation_of_round_trips);
}

void advise_on_limits(const Machine& machine, std::vector<Advice>& advice) {
  if (machine.io_uring != "available")
    advice.push_back(
        {fmt::format("io_uring can't be used; its engine is skipped, and {} drives the "
                     "load",
                     load_engine().name),
         machine.io_uring});
  if (machine.descriptor_limit < enough_descriptors)
    advice.push_back(
        {fmt::format("a process may open {} descriptors only: cells of many connections fail",
                     number_text(static_cast<double>(machine.descriptor_limit))),
         "ulimit -Hn 65536   # as root; for good: '* hard nofile 65536' in "
         "/etc/security/limits.conf"});
  if (machine.max_backlog && *machine.max_backlog < enough_backlog)
    advice.push_back({fmt::format("only {} connections may wait to be accepted: connecting many at "
                                  "once takes retries of a second and more",
                                  *machine.max_backlog),
                      fmt::format("sysctl -w net.core.somaxconn={}", enough_backlog)});
  if (const auto& ports = machine.ephemeral_ports;
      ports && ports->second - ports->first + 1 < enough_ports)
    advice.push_back({fmt::format("there are {} ports for outgoing connections: short connections "
                                  "use them up",
                                  ports->second - ports->first + 1),
                      "sysctl -w net.ipv4.ip_local_port_range='10240 65535'"});
  if (machine.time_wait_reuse == 0)
    advice.push_back(
        {"ports of closed connections are kept from use for a minute: short "
         "connections use them up",
         "sysctl -w net.ipv4.tcp_tw_reuse=2"});
  if (machine.huge_pages == "always")
    advice.push_back({"memory comes in pages of 2 MiB: memory by connection goes up in jumps",
                      "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled"});
}

std::string share_text(const std::optional<double>& share) {
  return share ? fmt::format("{:.1f} %", *share * percent) : "the kernel does not tell";
}

std::string variation_text(const Variation& variation) {
  return fmt::format(
      "{} x {}, variation {}, lag-1 autocorrelation {}", variation.slices,
      duration_text(variation.median_ns), share_text(variation.coefficient_of_variation),
      variation.lag1_autocorrelation ? fmt::format("{:.2f}", *variation.lag1_autocorrelation)
                                     : "unknown");
}

std::string cpus_text(const Placement& placement) {
  return fmt::format("engine on {}, load on {}{}", fmt::join(placement.engine_cpus, ","),
                     fmt::join(placement.load_cpus, ","), placement.pinned ? "" : ", not pinned");
}

std::string ports_text(const Machine& machine) {
  if (!machine.ephemeral_ports) return "the kernel does not tell";
  const auto [first, last] = *machine.ephemeral_ports;
  return fmt::format("{} ({} to {})", number_text(last - first + 1.0), first, last);
}

}  // namespace

std::vector<Advice> advise(const Examination& examination) {
  std::vector<Advice> advice;
  advise_on_cpus(examination, advice);
  advise_on_noise(examination.calibration, advice);
  advise_on_limits(examination.machine, advice);
  return advice;
}

std::string examination_text(const Examination& e) {
  constexpr double gib = 1 << 30;
  std::string text = aligned({
      {"kernel", e.machine.kernel},
      {"CPU", fmt::format("{}, {} cores, {}", e.machine.cpu_model, e.machine.cores,
                          e.machine.hypervisor ? "under " + *e.machine.hypervisor
                                               : std::string("no hypervisor seen"))},
      {"memory", fmt::format("{:.1f} GiB", static_cast<double>(e.machine.memory_bytes) / gib)},
      {"CPUs", cpus_text(e.placement)},
      {"io_uring", e.machine.io_uring},
      {"descriptors", number_text(static_cast<double>(e.machine.descriptor_limit))},
      {"ports", ports_text(e.machine)},
      {"steal time", share_text(e.calibration.noise.steal_share)},
      {"other processes", share_text(e.calibration.noise.foreign_cpu_share)},
      {"noise of work", variation_text(e.calibration.work)},
      {"of round trips", variation_text(e.calibration.round_trips)},
      {"machine is", e.machine.fingerprint},
  });
  const std::vector<Advice> advice = advise(e);
  text += advice.empty() ? "\nNothing to mend.\n" : "\nTo mend:\n";
  for (const auto& [finding, remedy] : advice)
    text += fmt::format("- {}\n    {}\n", finding, remedy);
  return text;
}

json examination_json(const Examination& e) {
  const Machine& machine = e.machine;
  const auto or_null = [](const auto& value) { return value ? json(*value) : json(); };
  json advice = json::array();
  for (const auto& [finding, remedy] : advise(e))
    advice.push_back({{"finding", finding}, {"remedy", remedy}});
  return {{"machine", machine_json(machine)},
          {"placement", placement_json(e.placement)},
          {"limits",
           {{"first_port", machine.ephemeral_ports ? json(machine.ephemeral_ports->first) : json()},
            {"last_port", machine.ephemeral_ports ? json(machine.ephemeral_ports->second) : json()},
            {"time_wait_reuse", or_null(machine.time_wait_reuse)},
            {"max_backlog", or_null(machine.max_backlog)},
            {"huge_pages", or_null(machine.huge_pages)},
            {"governor", or_null(machine.governor)},
            {"cpu_quota", or_null(machine.cpu_quota)}}},
          {"noise", noise_json(e.calibration.noise)},
          {"calibration",
           {{"work", variation_json(e.calibration.work)},
            {"round_trips", variation_json(e.calibration.round_trips)}}},
          {"advice", std::move(advice)}};
}

int doctor(bool as_json) {
  const Placement placement = choose_placement(cores_allowed());
  const Examination examination{read_machine(), placement, build_info(), calibrate(placement)};
  if (as_json)
    std::cout << json_text(examination_json(examination), 2) << '\n';
  else
    std::cout << examination_text(examination);
  return 0;
}

}  // namespace contend
