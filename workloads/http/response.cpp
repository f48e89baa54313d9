// See response.hpp.
#include "workloads/http/response.hpp"

#include <algorithm>
#include <utility>

#include "workloads/http/fields.hpp"
#include "workloads/http/http.hpp"

namespace contend {
namespace {

/// How every status line begins (RFC 9112 section 4), with 0 for any digit and CR for what ends the
/// status.
constexpr std::string_view status_line_form = "HTTP/1.0 000\r";
/// Where llhttp takes more: empty lines before, other versions, a status of one digit to four.
constexpr std::size_t lenient_places[] = {0, 5, 9, 10, 11, 12};

bool fits(char c, char form) {
  if (form == '0') return c >= '0' && c <= '9';
  return c == form || (form == '\r' && (c == ' ' || c == '\n'));
}

}  // namespace

bool ExpectedBody::has(std::uint64_t offset, std::string_view piece) const {
  if (anything) return true;
  if (offset > size() || piece.size() > size() - offset) return false;
  if (!text.empty()) return text.substr(offset, piece.size()) == piece;
  while (!piece.empty()) {
    const std::string_view block = http_pattern(offset, piece.size());
    if (piece.substr(0, block.size()) != block) return false;
    offset += block.size();
    piece.remove_prefix(block.size());
  }
  return true;
}

struct ResponseParser::Callbacks {
  static ResponseParser& parser(llhttp_t* llhttp) {
    return *static_cast<ResponseParser*>(llhttp->data);
  }

  static int on_header_field(llhttp_t* llhttp, const char* at, std::size_t) {
    ResponseParser& self = parser(llhttp);
    if (self.name_begins_ == '\0') self.name_begins_ = *at;
    return HPE_OK;
  }
  static int on_header_field_complete(llhttp_t* llhttp) {
    skip_needless_field(*llhttp, std::exchange(parser(llhttp).name_begins_, '\0'));
    return HPE_OK;
  }
  static int on_headers_complete(llhttp_t* llhttp) {
    ResponseParser& self = parser(llhttp);
    if (self.has_no_body()) llhttp->flags |= F_SKIPBODY;
    self.keep_alive_ = keeps_alive(*llhttp) && self.status() != HTTP_STATUS_SWITCHING_PROTOCOLS;
    self.head_done_ = true;
    return HPE_OK;
  }
  static int on_body(llhttp_t* llhttp, const char* at, std::size_t size) {
    ResponseParser& self = parser(llhttp);
    self.body_is_right_ = self.body_is_right_ && self.expected_->has(self.body_bytes_, {at, size});
    self.body_bytes_ += size;
    return HPE_OK;
  }
  static int on_message_complete(llhttp_t* llhttp) {
    parser(llhttp).message_done_ = true;
    return HPE_PAUSED;
  }

  static const llhttp_settings_t* settings() {
    static const llhttp_settings_t all = [] {
      llhttp_settings_t made;
      llhttp_settings_init(&made);
      made.on_header_field = on_header_field;
      made.on_header_field_complete = on_header_field_complete;
      made.on_headers_complete = on_headers_complete;
      made.on_body = on_body;
      made.on_message_complete = on_message_complete;
      return made;
    }();
    return &all;
  }
};

ResponseParser::ResponseParser() {
  llhttp_init(&llhttp_, HTTP_RESPONSE, Callbacks::settings());
  llhttp_.data = this;
}

ResponseParser::Event ResponseParser::next(std::string_view& input, const ExpectedBody& expected) {
  const auto in_head = [&] { return !head_done_; };
  expected_ = &expected;
  while (!input.empty()) {
    if (at_boundary_) {
      at_boundary_ = false;
      is_plain_ = true;
      begin_message();
    }
    if (!fits_status_line(input)) return Event::malformed;
    message_done_ = false;
    const llhttp_errno_t error = execute_llhttp(llhttp_, input, in_head, in_head);
    if (message_done_) {
      if (status() / 100 != 1 || status() == HTTP_STATUS_SWITCHING_PROTOCOLS)
        return complete(expected);
      is_plain_ = false;
      begin_message();
    } else if (error != HPE_OK) {
      return Event::malformed;
    }
  }
  return Event::incomplete;
}

/// llhttp may have kept something of the message before.
void ResponseParser::begin_message() {
  llhttp_reset(&llhttp_);
  body_bytes_ = 0;
  line_bytes_ = 0;
  name_begins_ = '\0';
  body_is_right_ = true;
  head_done_ = false;
}

bool ResponseParser::fits_status_line(std::string_view piece) {
  const std::size_t begin = line_bytes_;
  const std::size_t end = std::min(begin + piece.size(), status_line_form.size());
  if (begin == end) return true;
  for (const std::size_t place : lenient_places)
    if (place >= begin && place < end && !fits(piece[place - begin], status_line_form[place]))
      return false;
  line_bytes_ = static_cast<std::uint8_t>(end);
  return true;
}

/// RFC 9112 section 6.3, whatever the fields say.
bool ResponseParser::has_no_body() const {
  return expected_->head || status() / 100 == 1 || status() == HTTP_STATUS_NO_CONTENT ||
         status() == HTTP_STATUS_NOT_MODIFIED;
}

ResponseParser::Event ResponseParser::finish(const ExpectedBody& expected) {
  if (at_boundary_) return Event::incomplete;
  message_done_ = false;
  llhttp_finish(&llhttp_);
  return message_done_ ? complete(expected) : Event::incomplete;
}

ResponseParser::Event ResponseParser::complete(const ExpectedBody& expected) {
  at_boundary_ = true;
  if (!expected.anything && body_bytes_ != expected.size()) body_is_right_ = false;
  return Event::complete;
}

}  // namespace contend
