// Clients of HTTP and of echo.
#include "harness/load/clients.hpp"

#include "workloads/http/client.hpp"

namespace contend::load {
namespace {

HttpClientOptions http_options(const RunSpec& spec, std::atomic<std::uint64_t>& sequence) {
  HttpClientOptions options{.calls = {},
                            .pipeline = spec.pipeline,
                            .requests_per_connection = spec.requests_per_connection,
                            .reply_within = spec.timeout,
                            .seed = spec.seed,
                            .sequence = &sequence,
                            .sequence_step = spec.parts};
  for (const RequestSpec& call : spec.calls) options.calls.push_back(http_call(spec.target, call));
  return options;
}

std::unique_ptr<Session> echo_session(const RunSpec& spec, std::uint32_t client,
                                      Admission& admission, Recorder& recorder) {
  const Workload& echo = find_workload("echo");
  const Parameters parameters(
      echo.parameters,
      {{"size_bytes", spec.size_bytes},
       {"pipeline", spec.pipeline},
       {"requests_per_connection", static_cast<std::int64_t>(spec.requests_per_connection)},
       {"timeout_ms", std::chrono::ceil<std::chrono::milliseconds>(spec.timeout).count()}});
  return echo.client(parameters, client, admission, recorder);
}

}  // namespace

Clients::Clients(const RunSpec& spec, std::atomic<std::uint64_t>& sequence) : spec_(spec) {
  if (spec.target.protocol == Target::Protocol::http) plan_.emplace(http_options(spec, sequence));
}

std::unique_ptr<Session> Clients::make(std::uint32_t client, Admission& admission,
                                       Recorder& recorder) {
  return plan_ ? make_http_client(*plan_, client, admission, recorder)
               : echo_session(spec_, client, admission, recorder);
}

}  // namespace contend::load
