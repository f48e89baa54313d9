// contend load: what the command line asked for, run and printed.
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <random>

#include "harness/commands.hpp"
#include "harness/interruption.hpp"
#include "harness/load/report.hpp"

namespace contend {
namespace {

using namespace load;

constexpr int exit_nothing_answered = 1;

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(file), {}};
  if (!file) throw std::invalid_argument("can't read " + path);
  return content;
}

RequestSpec request_of(const LoadCommandOptions& options) {
  RequestSpec request{.method = options.method,
                      .fields = options.fields,
                      .body = options.body,
                      .status = options.expected_status,
                      .expected = options.expected_body};
  if (!options.body_file.empty()) request.body = content_of(options.body_file);
  if (request.method.empty()) request.method = request.body ? "POST" : "GET";
  return request;
}

void refuse_http_options(const LoadCommandOptions& options) {
  if (!options.method.empty() || !options.fields.empty() || options.body ||
      !options.body_file.empty() || options.expected_body || options.expected_status != 0)
    throw std::invalid_argument(
        "tcp:// echoes messages: --method, --header, --body, --body-file, --expect and "
        "--expect-body are for http://");
}

RunSpec spec_of(const LoadCommandOptions& options) {
  RunSpec spec{.target = Target::parse(options.url),
               .request = request_of(options),
               .connections = options.connections,
               .duration = options.duration,
               .requests = options.requests,
               .pipeline = options.pipeline,
               .requests_per_connection = options.keep_alive,
               .size_bytes = options.size_bytes,
               .timeout = options.timeout,
               .spins = options.pace == "spin"};
  if (spec.target.protocol == Target::Protocol::echo) refuse_http_options(options);
  if (options.rate_per_s)
    spec.schedule = {.rate_per_s = *options.rate_per_s,
                     .law = options.arrivals == "poisson" ? Law::poisson : Law::uniform,
                     .seed = options.seed ? *options.seed : std::random_device{}()};
  return spec;
}

/// The live line, on standard error: it rewrites itself on a terminal and is a line now and then
/// elsewhere.
class Live {
 public:
  explicit Live(const RunSpec& spec) : spec_(spec) {}
  ~Live() {
    if (rewrites_ && shown_) fmt::print(stderr, "\r\x1b[K");
  }
  Live(const Live&) = delete;
  Live& operator=(const Live&) = delete;

  void operator()(const RunRecorder::Counts& now, Duration elapsed) {
    const std::string line = progress_line(spec_, now, before_, elapsed);
    before_ = now;
    const auto seconds = std::chrono::round<std::chrono::seconds>(elapsed).count();
    if (rewrites_)
      fmt::print(stderr, "\r{}\x1b[K", line);
    else if (seconds % seconds_between_lines == 0)
      fmt::print(stderr, "{}\n", line);
    shown_ = true;
  }

 private:
  static constexpr int seconds_between_lines = 10;

  const RunSpec& spec_;
  RunRecorder::Counts before_{};
  bool rewrites_ = isatty(STDERR_FILENO) != 0, shown_ = false;
};

}  // namespace

int load_url(const LoadCommandOptions& options) {
  const RunSpec spec = spec_of(options);
  signal(SIGPIPE, SIG_IGN);
  const Interruption interruption;
  RunReport report;
  {
    Live live(spec);
    report = run(spec, interruption.token(), std::ref(live));
  }
  if (options.histogram) {
    const Histogram& times = spec.schedule ? report.response_time : report.service_time;
    fmt::print("{}", times.percentile_text());
  } else if (options.json) {
    fmt::print("{}\n", to_json(spec, report).dump());
  } else {
    fmt::print("{}", text(spec, report));
  }
  if (interruption.token().requested()) return exit_interrupted;
  return report.answered > 0 ? 0 : exit_nothing_answered;
}

}  // namespace contend
