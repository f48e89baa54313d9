// The client side of HTTP, of the workloads and of any load: requests, one after another or
// pipelined, each answer checked. Not the reading of responses, which is http_response.hpp's.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "workloads/workload.hpp"

namespace contend {

/// The bytes of a GET.
std::string http_get(std::string_view path, std::string_view host = "localhost");

/// A request and what is a right answer to it.
struct HttpCall {
  std::string request;  ///< Its bytes, as they are sent.
  /// The body: this text, or where it is empty, the first `pattern_bytes` of http_pattern.
  std::string text{};
  std::uint64_t pattern_bytes = 0;
  bool any_body = false;  ///< Any body is right.
  bool head = false;      ///< The method is HEAD: the answer has no body.
  int status = 200;       ///< 0: any from 200 to 399.
};

struct HttpClientOptions {
  std::vector<HttpCall> calls;     ///< By kind (Exchange::kind): one, or a cheap and a dear one.
  std::uint32_t dear_percent = 0;  ///< How many of the requests are of kind 1.
  std::uint32_t pipeline = 1;      ///< Requests at once; 1 where there are two kinds.
  std::uint64_t requests_per_connection = 0;  ///< Then it connects anew; 0: never.
  Duration reply_within{};                    ///< From sending a batch to its last answer.
};

/// Sends batches of `pipeline` requests, each in one send, the next when all are answered. A wrong
/// answer is counted and the conversation goes on, where the framing was right; otherwise all that
/// was in flight has failed, and it connects anew, with a back-off while failures go on. Which
/// request is dear follows from `client` and the request's number alone.
std::unique_ptr<Session> make_http_client(const HttpClientOptions& options, std::uint32_t client,
                                          Recorder& recorder);

}  // namespace contend
