// HTTP/1.1 requests as they come in, cut anywhere: thin C++ over llhttp, which does the parsing.
// What is here besides is what llhttp leaves to its user: limits, and the points of RFC 9112 where
// llhttp 8.1 is more lenient than a server should be. Not the answers.
#pragma once

#include <llhttp.h>

#include <cstdint>
#include <string_view>

#include "workloads/http/head.hpp"

namespace contend {

/// One connection's requests, one after another. What it reports depends on the bytes alone, never
/// on how they were cut. No heap.
class RequestParser {
 public:
  enum class Event : std::uint8_t {
    incomplete,  ///< All bytes were taken; more are needed.
    head,        ///< A head is complete, and a body that is within the limits follows.
    complete,    ///< A request is complete.
    refused,     ///< It can't be read, or isn't allowed: `status()` says why. There is no going on.
  };

  RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  /// Takes bytes from the front of `input` up to the next event.
  Event next(std::string_view& input);

  /// Valid at `refused`.
  int status() const { return status_; }
  /// Whether the request is a HEAD. Valid at `refused`, too: false where its line is no good.
  bool is_head() const { return line_done_ && method() == HTTP_HEAD; }
  // Valid at `head` and `complete`.
  llhttp_method_t method() const { return static_cast<llhttp_method_t>(llhttp_.method); }
  std::string_view path() const { return head_.path(); }  ///< As RequestHead has it.
  bool keep_alive() const { return keep_alive_; }
  bool is_http_1_0() const { return llhttp_.http_minor == 0; }
  bool expects_continue() const { return head_.expects_continue() && !is_http_1_0(); }
  std::uint64_t body_bytes() const { return body_bytes_; }  ///< Read so far, without framing.

 private:
  enum class Phase : std::uint8_t {
    between,  // only an empty line may come before the next request
    head,
    unknown_method,
    body,
    chunk_line,
    chunk_data,
    trailers,
    refused,
  };
  struct Callbacks;

  Event step(std::string_view& input);
  Event begin(std::string_view& input);
  Event read_head(std::string_view& input);
  Event read_unknown_method(std::string_view& input);
  Event read_body(std::string_view& input);
  Event read_framing(std::string_view& input, std::uint32_t limit, int status_beyond);
  llhttp_errno_t execute(std::string_view& input, std::size_t limit, std::string_view& taken);
  bool version_is_http(std::string_view taken) const;
  bool lines_end_well(std::string_view taken);
  Event judge_head();
  Event judge_chunk();
  Event finish();
  Event refuse(int status);
  void enter(Phase phase);

  llhttp_t llhttp_;
  const char* piece_ = nullptr;  // what llhttp is reading, for its callbacks
  std::uint64_t body_bytes_ = 0;
  std::uint32_t phase_bytes_ = 0;  // taken in this phase, where it has a limit
  std::uint16_t status_ = 0;
  Phase phase_ = Phase::between;
  std::uint8_t method_bytes_ = 0;
  char last_ = '\0';         // the byte before the next one of the head or the trailers
  bool is_chunked_ = false;  // or was: llhttp may have kept something of the trailers
  bool keep_alive_ = false;
  bool target_is_misplaced_ = false;
  // What llhttp has come by.
  bool line_done_ = false;  // the request line, but for its CRLF
  bool head_done_ = false;
  bool chunk_line_done_ = false;
  bool chunk_done_ = false;
  bool message_done_ = false;
  RequestHead head_;
};

}  // namespace contend
