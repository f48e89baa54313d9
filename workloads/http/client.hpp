// The client side of HTTP, of the workloads and of any load: requests, one after another or
// pipelined, each answer checked. Not the reading of responses, which is response.hpp's.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "workloads/http/plan.hpp"
#include "workloads/workload.hpp"

namespace contend {

/// The bytes of a GET.
std::string http_get(std::string_view path, std::string_view host = "localhost");

/// Sends batches of `pipeline` requests, each in one send, the next when all are answered. A wrong
/// answer is counted and the conversation goes on, where the framing was right; otherwise all that
/// was in flight has failed, and it connects anew, with a back-off while failures go on. What it
/// chooses follows from the seed, `client` and the request's number alone. `plan`,
/// `admission` and `recorder` must outlive it.
std::unique_ptr<Session> make_http_client(HttpPlan& plan, std::uint32_t client,
                                          Admission& admission, Recorder& recorder);
/// The same with a plan of its own.
std::unique_ptr<Session> make_http_client(const HttpClientOptions& options, std::uint32_t client,
                                          Admission& admission, Recorder& recorder);

}  // namespace contend
