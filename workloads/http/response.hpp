// HTTP/1.1 responses as they come in, cut anywhere, and whether they are right: thin C++ over
// llhttp. Not the requests, nor what a client makes of it all.
#pragma once

#include <llhttp.h>

#include <cstdint>
#include <string_view>

#include "workloads/http/expected_body.hpp"

namespace contend {

/// One connection's responses, one after another. Interim ones (1xx but 101) are skipped. Bodies
/// are compared as they come and not kept. What it says of a response depends on no earlier one.
class ResponseParser {
 public:
  enum class Event : std::uint8_t { incomplete, complete, malformed };

  ResponseParser();
  ResponseParser(const ResponseParser&) = delete;
  ResponseParser& operator=(const ResponseParser&) = delete;

  /// A new connection.
  void reset() { at_boundary_ = true; }
  /// Takes bytes from the front of `input` up to the end of a response. `expected` must be the same
  /// until then. After a response that does not keep the connection alive, there is no next one.
  Event next(std::string_view& input, const ExpectedBody& expected);
  /// The peer has closed: `complete` where that is how the response ends, else `incomplete`.
  Event finish(const ExpectedBody& expected);

  /// Whether the next byte begins a response.
  bool at_boundary() const { return at_boundary_; }
  // Valid at `complete`.
  int status() const { return llhttp_.status_code; }
  bool keep_alive() const { return keep_alive_; }
  bool body_is_right() const { return body_is_right_; }
  /// Whether the response was a single message, without interim ones.
  bool is_plain() const { return is_plain_; }

 private:
  struct Callbacks;

  void begin_message();
  bool fits_status_line(std::string_view piece);
  bool has_no_body() const;
  Event complete(const ExpectedBody& expected);

  llhttp_t llhttp_;
  const ExpectedBody* expected_ = nullptr;  // for the callbacks, while in `next`
  std::uint64_t body_bytes_ = 0;
  std::uint8_t line_bytes_ = 0;  // read of the status line, up to the status and one more
  char name_begins_ = '\0';      // with this, the name of a field that is being read
  bool at_boundary_ = true;
  bool head_done_ = false;
  bool message_done_ = false;
  bool keep_alive_ = false;
  bool body_is_right_ = true;
  bool is_plain_ = true;
};

}  // namespace contend
