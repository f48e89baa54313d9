// fetch: the engine is the client, and each client makes one GET that the origin answers a while
// later; so what is seen is who waits beside whom. The origin plays the http service. Try it:
//   contend-engine serve epoll fetch --listen 127.0.0.1:8080
//   contend-engine drive threads fetch --connect 127.0.0.1:8080 --clients 20 --set delay_ms=100
#include <fmt/format.h>

#include "workloads/http/client.hpp"
#include "workloads/http/http.hpp"
#include "workloads/http/server.hpp"

namespace contend {
namespace {

constexpr ParameterSpec parameters[] = {
    {"delay_ms", 10, 0, http_delay_limit_ms, "how long the origin takes to answer"},
    {"timeout_ms", 5000, 1, 3'600'000, "an answer that is later than that is given up"},
};

std::unique_ptr<Service> service(const Parameters&) {
  return std::make_unique<HttpService>();
}

std::unique_ptr<Session> client(const Parameters& given, std::uint32_t number, Admission& admission,
                                Recorder& recorder) {
  const std::int64_t delay_ms = given["delay_ms"];
  return make_http_client(
      {.calls = {{.request = http_get(fmt::format("/delay/{}", delay_ms)),
                  .text = std::string(http_text)}},
       .reply_within = std::chrono::milliseconds(delay_ms + given["timeout_ms"])},
      number, admission, recorder);
}

}  // namespace

extern const Workload fetch_workload{.name = "fetch",
                                     .summary = "the engine GETs what takes a while, many at once",
                                     .role = Role::drive,
                                     .parameters = parameters,
                                     .service = service,
                                     .client = client};

}  // namespace contend
