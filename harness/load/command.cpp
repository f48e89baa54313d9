// What the command line asked for, run and printed.
#include "harness/load/command.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "engines/exit_codes.hpp"
#include "harness/base/files.hpp"
#include "harness/base/interruption.hpp"
#include "harness/load/live.hpp"
#include "harness/load/plot.hpp"
#include "harness/load/ranks/shared_run.hpp"
#include "harness/load/report.hpp"
#include "harness/load/request/requests_file.hpp"
#include "harness/load/schedule/stages.hpp"
#include "harness/load/search/search_command.hpp"
#include "harness/load/server/started_server.hpp"
#include "workloads/json_text.hpp"

namespace contend::load {
namespace {

constexpr Duration usual_duration = std::chrono::seconds(10);
constexpr Duration patience_with_the_server = std::chrono::seconds(30);
constexpr std::chrono::milliseconds patience_with_rank_zero{3000};

std::vector<RequestSpec> calls_of(const Options& options, const Target& target) {
  std::vector<RequestSpec> calls{{.method = options.method, .body = options.body}};
  if (!options.body_file.empty()) calls[0].body = content_of(options.body_file);
  if (calls[0].method.empty()) calls[0].method = calls[0].body ? "POST" : "GET";
  if (!options.requests_file.empty()) {
    if (target.path != "/")
      throw std::invalid_argument("the paths are in --requests-file: write the URL without one");
    calls = parse_requests(content_of(options.requests_file));
  }
  for (RequestSpec& call : calls) {
    call.fields.insert(call.fields.end(), options.fields.begin(), options.fields.end());
    call.status = options.expected_status;
    call.expected = options.expected_body;
  }
  return calls;
}

Duration duration_of(const Options& options) {
  return options.duration > Duration{} ? options.duration : usual_duration;
}

void refuse_http_options(const Options& options) {
  if (!options.method.empty() || !options.fields.empty() || options.body ||
      !options.body_file.empty() || !options.requests_file.empty() || options.expected_body ||
      options.expected_status != 0)
    throw std::invalid_argument(
        "tcp:// echoes messages: --method, --header, --body, --body-file, --requests-file, "
        "--expect and --expect-body are for http://");
}

/// Without stages where the rates are still to be found.
std::optional<Schedule> schedule_of(const Options& options, std::uint64_t seed) {
  Schedule schedule;
  if (options.rate_per_s)
    schedule = Schedule::constant(*options.rate_per_s, options.warm_up + duration_of(options));
  else if (!options.ramp.empty())
    schedule.stages = parse_ramp(options.ramp);
  else if (!options.stages_file.empty())
    schedule.stages = parse_stages(content_of(options.stages_file));
  else if (!is_search(options)) {
    if (!options.arrivals.empty())
      throw std::invalid_argument(
          "--arrivals is of an open loop: say --rate, --ramp or --stages, too");
    return std::nullopt;
  }
  schedule.law = options.arrivals == "poisson" ? Law::poisson : Law::uniform;
  schedule.seed = seed;
  return schedule;
}

Target target_of(const Options& options) {
  Target target = Target::parse(options.url);
  target.resolve();
  require_allowed(target.endpoint, target.url, target.name, options.allowed_remote);
  return target;
}

RunSpec spec_of(const Options& options) {
  RunSpec spec{.target = target_of(options),
               .allowed_remote = options.allowed_remote,
               .connections = options.connections,
               .threads = options.threads,
               .warm_up = options.warm_up,
               .duration = duration_of(options),
               .requests = options.requests,
               .pipeline = options.pipeline,
               .requests_per_connection = options.keep_alive,
               .size_bytes = options.size_bytes,
               .timeout = options.timeout,
               .spins = options.pace == "spin",
               .server = options.server_pid};
  if (spec.target.protocol == Target::Protocol::echo)
    refuse_http_options(options);
  else
    spec.calls = calls_of(options, spec.target);
  spec.seed = options.seed ? *options.seed : std::random_device{}();
  spec.schedule = schedule_of(options, spec.seed);
  if (spec.schedule && !is_search(options))
    spec.duration = spec.schedule->duration() - spec.warm_up;
  if (spec.duration <= Duration{})
    throw std::invalid_argument(
        "the warm-up takes all of the time: make --warm-up shorter than --ramp or --stages");
  return spec;
}

void write_csv(const std::string& path, const RunReport& report) {
  if (path.empty() || path == "-") return;
  std::ofstream file(path, std::ios::trunc);
  file << csv(report);
  file.close();
  if (!file) throw std::runtime_error("can't write " + path);
}

/// What went wrong with the server comes before what went wrong with the load, but that the load
/// may have broken the objective itself.
int exit_code_of(const RunReport& report, const std::optional<Judgement>& judgement) {
  const bool is_server = report.verdict.limit == Limit::server;
  if (report.answered == 0 || report.silent_for > Duration{}) return exit_failed;
  if (judgement && !judgement->held() && (report.verdict.trusted != false || is_server))
    return exit_failed;
  return report.verdict.trusted == false ? exit_no_verdict : 0;
}

/// What goes to standard output.
std::string output_of(const Options& options, const RunSpec& spec, const RunReport& report,
                      const std::optional<Judgement>& judgement) {
  std::string output = options.csv == "-" ? csv(report) : "";
  if (options.histogram) {
    output += (spec.schedule ? report.response_time : report.service_time).percentile_text();
  } else if (options.json) {
    output += json_text(to_json(spec, report, judgement)) + '\n';
  } else if (options.csv != "-") {
    output += text(spec, report);
    if (judgement) output += '\n' + text(*judgement);
  }
  return output;
}

int carry_out_alone(const Options& options, RunSpec spec, const std::optional<Objective>& objective,
                    StopToken interrupted) {
  std::optional<Search> search;
  if (is_search(options)) search = search_of(options, spec);
  std::optional<Plot> plot;
  if (!options.plot.empty()) plot.emplace(options.plot);
  std::optional<StartedServer> server;
  if (!options.exec.empty()) {
    server.emplace(options.exec, spec.target.endpoint, interrupted);
    server->await_answer(spec, interrupted, patience_with_the_server);
    spec.server = server->pid();
  }
  if (search) {
    search->spec.server = spec.server;
    return carry_out_search(*search, options.json, plot ? &*plot : nullptr, interrupted);
  }
  RunReport report;
  {
    Live live(spec);
    report = run(spec, interrupted, std::ref(live));
  }
  if (const auto how = server ? server->ending() : std::nullopt)
    fmt::print(stderr, "the server ended meanwhile, with {}\n", *how);
  server.reset();
  std::optional<Judgement> judgement;
  if (objective) judgement = judge(*objective, report);
  write_csv(options.csv, report);
  fmt::print("{}", output_of(options, spec, report, judgement));
  if (plot) plot->draw(to_json(spec, report, judgement));
  return interrupted.requested() ? exit_interrupted : exit_code_of(report, judgement);
}

/// What is of one process: several rates, each of which depends on the last window, the server's
/// own process, which is on one of the machines, and figures.
void refuse_unshared_options(const Options& options) {
  for (const auto& [name, is_asked_for] : {std::pair{"--find-max", !options.find_max.empty()},
                                           {"--sweep", !options.sweep.empty()},
                                           {"--plot", !options.plot.empty()},
                                           {"--server-pid", options.server_pid.has_value()},
                                           {"--exec", !options.exec.empty()}})
    if (is_asked_for)
      throw std::invalid_argument(
          fmt::format("{} can't be shared by several ranks: leave it out, or start contend "
                      "without mpirun",
                      name));
}

/// Rank 0 speaks for all. What a second of the others was is not known before the end, so there is
/// no live view.
int carry_out_shared(const Options& options, const RunSpec& spec,
                     const std::optional<Objective>& objective, Ranks& ranks) {
  const std::optional<RunReport> report = run_shared(
      spec, ranks, [&] { refuse_unshared_options(options); }, [](const Progress&) {});
  if (!report) return 0;
  std::optional<Judgement> judgement;
  if (objective) judgement = judge(*objective, *report);
  write_csv(options.csv, *report);
  fmt::print("{}", output_of(options, spec, *report, judgement));
  std::fflush(stdout);  // before all ranks end
  return ranks.interrupted() ? exit_interrupted : exit_code_of(*report, judgement);
}

/// mpirun has the exit code of whoever ends first, and tells the others then to end.
void let_rank_zero_end(StopToken interrupted) {
  pollfd watched{.fd = interrupted.fd(), .events = POLLIN, .revents = 0};
  poll(&watched, 1, static_cast<int>(patience_with_rank_zero.count()));
}

}  // namespace

int run_command(const Options& options) {
  const RunSpec spec = spec_of(options);
  std::optional<Objective> objective;
  if (!options.expect_slo.empty()) objective = Objective::parse(options.expect_slo);
  signal(SIGPIPE, SIG_IGN);
  const Interruption interruption;
  try {
    const std::unique_ptr<Ranks> ranks = find_ranks(interruption.token());
    return ranks ? carry_out_shared(options, spec, objective, *ranks)
                 : carry_out_alone(options, spec, objective, interruption.token());
  } catch (const Dismissed&) {
    let_rank_zero_end(interruption.token());
    return exit_failed;
  }
}

}  // namespace contend::load
