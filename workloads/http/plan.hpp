// What http clients ask of a server, and what is right. Not the conversation, which is
// client.hpp's.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "workloads/http/expected_body.hpp"
#include "workloads/http/request_template.hpp"
#include "workloads/session.hpp"

namespace contend {

/// A request and what is a right answer to it.
struct HttpCall {
  RequestTemplate request;
  /// The body: this text, or where it is empty, the first `pattern_bytes` of http_pattern.
  std::string text{};
  std::uint64_t pattern_bytes = 0;
  bool any_body = false;     ///< Any body is right.
  bool head = false;         ///< The method is HEAD: the answer has no body.
  int status = 200;          ///< 0: any from 200 to 399.
  std::uint32_t weight = 1;  ///< How often it is chosen, beside the others; 0: never.
};

struct HttpClientOptions {
  std::vector<HttpCall> calls;  ///< By kind (Exchange::kind); at least one, of a weight above 0.
  std::uint32_t pipeline = 1;   ///< Requests at once, at most.
  std::uint64_t requests_per_connection = 0;  ///< Then it connects anew; 0: never.
  Duration reply_within{};                    ///< From sending a batch to its last answer.
  std::uint64_t seed = 0;                     ///< Of what is chosen and of {rand}.
  /// Where {seq} comes from, for all who share it; null where no call has one.
  std::atomic<std::uint64_t>* sequence = nullptr;
  std::uint64_t sequence_step = 1;  ///< From one {seq} to the next.
};

/// What clients ask and what is right, in one copy for all that play on the same thread. What one
/// of them has learned of an answer, the others know.
class HttpPlan {
 public:
  /// Throws std::invalid_argument where `options` are not as they have to be.
  explicit HttpPlan(const HttpClientOptions& options);
  HttpPlan(const HttpPlan&) = delete;
  HttpPlan& operator=(const HttpPlan&) = delete;

  struct Kind {
    RequestTemplate request;
    std::string text;
    ExpectedBody body;      // refers to `text`
    int status;             // 0: any from 200 to 399
    std::string learned{};  // a whole response, which was right
  };
  Kind& kind(std::size_t number) { return kinds_[number]; }
  bool has_choice() const { return kinds_.size() > 1; }
  /// One at random, by weight.
  std::size_t choose(SplitMix& random) const;

  /// Of one kind that is always the same: `pipeline` requests, to be sent as they are. Else empty.
  const std::string& batch() const { return batch_; }
  const HttpClientOptions& options() const { return options_; }

 private:
  HttpClientOptions options_;
  std::deque<Kind> kinds_;
  std::vector<std::uint64_t> weights_;  // up to and with each
  std::string batch_;
};

}  // namespace contend
