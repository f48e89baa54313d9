// mixed: HTTP where some requests keep the CPU busy for milliseconds, so that it shows whom an
// engine makes wait for them. The latencies of both kinds are reported apart. Try it:
//   contend-engine serve epoll mixed --listen 127.0.0.1:8080     and, timed, both at once:
//   curl http://127.0.0.1:8080/fib/40 & curl http://127.0.0.1:8080/
#include <fmt/format.h>

#include "workloads/fib.hpp"
#include "workloads/http/client.hpp"
#include "workloads/http/http.hpp"
#include "workloads/http/server.hpp"

namespace contend {
namespace {

constexpr ParameterSpec parameters[] = {
    {"heavy_percent", 10, 0, 100, "percentage of heavy requests, GET /fib/N"},
    {"fib_n", 30, 1, http_fib_limit, "that N; 30 keeps a CPU busy for about 2 ms"},
    {"requests", 1, 1, 1'000'000, "requests of each client, where a drive has an end"},
    {"timeout_ms", 5000, 1, 3'600'000, "an answer that takes longer is given up"},
};

constexpr std::string_view kinds[] = {"light", "heavy"};

std::unique_ptr<Service> service(const Parameters&) {
  return std::make_unique<HttpService>();
}

std::unique_ptr<Session> client(const Parameters& given, std::uint32_t number, Admission& admission,
                                Recorder& recorder) {
  const auto n = static_cast<std::uint64_t>(given["fib_n"]);
  const auto heavy_percent = static_cast<std::uint32_t>(given["heavy_percent"]);
  return make_http_client({.calls = {{.request = http_get("/"),
                                      .text = std::string(http_text),
                                      .weight = 100 - heavy_percent},
                                     {.request = http_get(fmt::format("/fib/{}", n)),
                                      .text = fmt::format("{}", fib_by_adding(n)),
                                      .weight = heavy_percent}},
                           .reply_within = std::chrono::milliseconds(given["timeout_ms"])},
                          number, admission, recorder);
}

}  // namespace

extern const Workload mixed_workload{
    .name = "mixed",
    .summary = "HTTP with some heavy requests (GET /fib/N) among light ones (GET /)",
    .role = Role::serve,
    .parameters = parameters,
    .kinds = kinds,
    .service = service,
    .client = client};

}  // namespace contend
