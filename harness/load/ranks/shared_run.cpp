// A run between its agreed beginning and the gathering of what it came to.
#include "harness/load/ranks/shared_run.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "harness/base/build.hpp"
#include "harness/load/ranks/packed.hpp"
#include "harness/load/ranks/shares.hpp"

namespace contend::load {
namespace {

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "an unnamed host";
}

std::optional<RunReport> merged_at_first(const RunSpec& whole, const Ranks& ranks,
                                         const std::vector<std::string>& parts) {
  if (!ranks.is_first()) return std::nullopt;
  std::vector<RunReport> reports;
  std::vector<RankSummary> summaries;
  for (std::uint32_t rank = 0; rank < ranks.count(); ++rank) {
    reports.push_back(unpacked(parts[rank]));
    summaries.push_back({.host = ranks.host(rank),
                         .connections = share_of(whole, rank, ranks.count()).connections,
                         .clock_offset = ranks.clock(rank).offset,
                         .clock_uncertainty = ranks.clock(rank).uncertainty});
  }
  return merged(reports, std::move(summaries));
}

std::optional<RunReport> run_agreed(RunSpec whole, Ranks& ranks, const std::function<void()>& check,
                                    const std::function<void(const Progress&)>& each_second) {
  // Rank 0 looks first, so that one of them only says what is wrong.
  if (ranks.is_first()) {
    check();
    share_of(whole, 0, ranks.count());
  }
  whole.seed = ranks.agree(whole.seed);
  if (whole.schedule) whole.schedule->seed = whole.seed;
  RunSpec own = share_of(whole, ranks.rank(), ranks.count());
  const TimePoint begin = ranks.agree_on_begin();
  own.shared_begin = begin;
  const StopToken over = ranks.watch();
  std::this_thread::sleep_until(begin);
  const RunReport report = run(own, over, each_second);
  return merged_at_first(whole, ranks, ranks.gather(packed(report)));
}

}  // namespace

std::unique_ptr<Ranks> find_ranks(StopToken interrupted) {
  std::unique_ptr<Carrier> carrier = find_carrier();
  if (!carrier) return nullptr;
  const BuildInfo build = build_info();
  return std::make_unique<Ranks>(std::move(carrier), host_name(),
                                 fmt::format("{} ({})", build.version, build.revision),
                                 interrupted);
}

std::optional<RunReport> run_shared(const RunSpec& whole, Ranks& ranks,
                                    const std::function<void()>& check,
                                    const std::function<void(const Progress&)>& each_second) {
  try {
    return run_agreed(whole, ranks, check, each_second);
  } catch (const Dismissed&) {
    throw;
  } catch (const std::exception& error) {
    ranks.fail(error.what());
    if (ranks.is_first()) throw;
    throw Dismissed();
  }
}

}  // namespace contend::load
