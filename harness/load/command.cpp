// What the command line asked for, run and printed.
#include "harness/load/command.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <random>

#include "harness/interruption.hpp"
#include "harness/load/live.hpp"
#include "harness/load/report.hpp"
#include "harness/load/shared_run.hpp"
#include "harness/load/stages.hpp"

namespace contend::load {
namespace {

constexpr int exit_nothing_answered = 1, exit_dismissed = 1, exit_not_trusted = 3;
constexpr std::chrono::milliseconds patience_with_rank_zero{3000};

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(file), {}};
  if (!file) throw std::invalid_argument("can't read " + path);
  return content;
}

RequestSpec request_of(const Options& options) {
  RequestSpec request{.method = options.method,
                      .fields = options.fields,
                      .body = options.body,
                      .status = options.expected_status,
                      .expected = options.expected_body};
  if (!options.body_file.empty()) request.body = content_of(options.body_file);
  if (request.method.empty()) request.method = request.body ? "POST" : "GET";
  return request;
}

void refuse_http_options(const Options& options) {
  if (!options.method.empty() || !options.fields.empty() || options.body ||
      !options.body_file.empty() || options.expected_body || options.expected_status != 0)
    throw std::invalid_argument(
        "tcp:// echoes messages: --method, --header, --body, --body-file, --expect and "
        "--expect-body are for http://");
}

std::optional<Schedule> schedule_of(const Options& options) {
  Schedule schedule;
  if (options.rate_per_s)
    schedule = Schedule::constant(*options.rate_per_s, options.duration);
  else if (!options.ramp.empty())
    schedule.stages = parse_ramp(options.ramp);
  else if (!options.stages_file.empty())
    schedule.stages = parse_stages(content_of(options.stages_file));
  else if (!options.arrivals.empty() || options.seed)
    throw std::invalid_argument(
        "--arrivals and --seed are of an open loop: say --rate, --ramp or --stages, too");
  else
    return std::nullopt;
  schedule.law = options.arrivals == "poisson" ? Law::poisson : Law::uniform;
  schedule.seed = options.seed ? *options.seed : std::random_device{}();
  return schedule;
}

RunSpec spec_of(const Options& options) {
  RunSpec spec{.target = Target::parse(options.url),
               .request = request_of(options),
               .connections = options.connections,
               .threads = options.threads,
               .duration = options.duration,
               .requests = options.requests,
               .pipeline = options.pipeline,
               .requests_per_connection = options.keep_alive,
               .size_bytes = options.size_bytes,
               .timeout = options.timeout,
               .spins = options.pace == "spin"};
  if (spec.target.protocol == Target::Protocol::echo) refuse_http_options(options);
  spec.schedule = schedule_of(options);
  if (spec.schedule) spec.duration = spec.schedule->duration();
  return spec;
}

void write_csv(const std::string& path, const RunReport& report) {
  if (path.empty() || path == "-") return;
  std::ofstream file(path, std::ios::trunc);
  file << csv(report);
  file.close();
  if (!file) throw std::runtime_error("can't write " + path);
}

/// What went wrong with the server comes before what went wrong with the load.
int exit_code_of(const RunReport& report) {
  if (report.answered == 0) return exit_nothing_answered;
  return report.verdict.trusted == false ? exit_not_trusted : 0;
}

/// What goes to standard output.
std::string output_of(const Options& options, const RunSpec& spec, const RunReport& report) {
  std::string output = options.csv == "-" ? csv(report) : "";
  if (options.histogram)
    output += (spec.schedule ? report.response_time : report.service_time).percentile_text();
  else if (options.json)
    output += to_json(spec, report).dump() + '\n';
  else if (options.csv != "-")
    output += text(spec, report);
  return output;
}

int carry_out_alone(const Options& options, const RunSpec& spec, StopToken interrupted) {
  RunReport report;
  {
    Live live(spec);
    report = run(spec, interrupted, std::ref(live));
  }
  write_csv(options.csv, report);
  fmt::print("{}", output_of(options, spec, report));
  return interrupted.requested() ? exit_interrupted : exit_code_of(report);
}

/// Rank 0 speaks for all. What a second of the others was is not known before the end, so there is
/// no live view.
int carry_out_shared(const Options& options, const RunSpec& spec, Ranks& ranks) {
  const std::optional<RunReport> report = run_shared(spec, ranks, [](const Progress&) {});
  if (!report) return 0;
  write_csv(options.csv, *report);
  fmt::print("{}", output_of(options, spec, *report));
  std::fflush(stdout);  // before all ranks end
  return ranks.interrupted() ? exit_interrupted : exit_code_of(*report);
}

/// mpirun has the exit code of whoever ends first, and tells the others then to end.
void let_rank_zero_end(StopToken interrupted) {
  pollfd watched{.fd = interrupted.fd(), .events = POLLIN, .revents = 0};
  poll(&watched, 1, static_cast<int>(patience_with_rank_zero.count()));
}

}  // namespace

int carry_out(const Options& options) {
  const RunSpec spec = spec_of(options);
  signal(SIGPIPE, SIG_IGN);
  const Interruption interruption;
  try {
    const std::unique_ptr<Ranks> ranks = find_ranks(interruption.token());
    return ranks ? carry_out_shared(options, spec, *ranks)
                 : carry_out_alone(options, spec, interruption.token());
  } catch (const Dismissed&) {
    let_rank_zero_end(interruption.token());
    return exit_dismissed;
  }
}

}  // namespace contend::load
