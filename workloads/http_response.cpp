// See http_response.hpp.
#include "workloads/http_response.hpp"

#include "workloads/http.hpp"

namespace contend {

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

  static int on_headers_complete(llhttp_t* llhttp) {
    constexpr int no_body = 1;
    return parser(llhttp).expected_->head ? no_body : 0;
  }
  static int on_body(llhttp_t* llhttp, const char* at, std::size_t size) {
    ResponseParser& self = parser(llhttp);
    self.body_is_right_ = self.body_is_right_ && self.expected_->has(self.body_bytes_, {at, size});
    self.body_bytes_ += size;
    return HPE_OK;
  }
  static int on_message_complete(llhttp_t* llhttp) {
    ResponseParser& self = parser(llhttp);
    self.keep_alive_ = llhttp_should_keep_alive(llhttp) != 0;
    self.message_done_ = true;
    return HPE_PAUSED;
  }

  static const llhttp_settings_t* settings() {
    static const llhttp_settings_t all = [] {
      llhttp_settings_t made;
      llhttp_settings_init(&made);
      made.on_headers_complete = on_headers_complete;
      made.on_body = on_body;
      made.on_message_complete = on_message_complete;
      return made;
    }();
    return &all;
  }
};

void ResponseParser::reset() {
  llhttp_init(&llhttp_, HTTP_RESPONSE, Callbacks::settings());
  llhttp_.data = this;
  at_boundary_ = true;
}

ResponseParser::Event ResponseParser::next(std::string_view& input, const ExpectedBody& expected) {
  expected_ = &expected;
  if (at_boundary_ && !input.empty()) {
    at_boundary_ = false;
    is_plain_ = true;
    body_bytes_ = 0;
    body_is_right_ = true;
  }
  while (!input.empty()) {
    llhttp_resume(&llhttp_);
    message_done_ = false;
    const llhttp_errno_t error = llhttp_execute(&llhttp_, input.data(), input.size());
    if (error == HPE_OK) {
      input = {};
    } else if (!message_done_) {
      return Event::malformed;
    } else {
      input.remove_prefix(static_cast<std::size_t>(llhttp_get_error_pos(&llhttp_) - input.data()));
      if (status() / 100 != 1 || status() == HTTP_STATUS_SWITCHING_PROTOCOLS)
        return complete(expected);
      is_plain_ = false;
    }
  }
  return Event::incomplete;
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
