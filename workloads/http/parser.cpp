// See parser.hpp. llhttp is built in its strict mode, so that a CR is always followed by an LF
// and names have no spaces in them.
#include "workloads/http/parser.hpp"

#include <algorithm>
#include <cstring>

#include "workloads/http/fields.hpp"
#include "workloads/http/http.hpp"

static_assert(LLHTTP_STRICT_MODE, "llhttp's loose mode takes requests that smuggle others");

namespace contend {
namespace {

/// An empty line before a request, left behind by a body, is ignored (RFC 9112 section 2.2).
constexpr std::uint32_t empty_line_limit_bytes = 2;
constexpr std::uint32_t unknown_method_limit_bytes = 64;
constexpr std::string_view version_prefix = "HTTP/";

/// tchar of RFC 9110 section 5.6.2.
bool is_token_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c != '\0' && std::strchr("!#$%&'*+-.^_`|~", c) != nullptr);
}

}  // namespace

/// What llhttp calls while it reads. Callbacks note what they see and leave judging to the parser,
/// so that no status depends on how far llhttp got in one piece; they pause where a phase ends.
struct RequestParser::Callbacks {
  static RequestParser& parser(llhttp_t* llhttp) {
    return *static_cast<RequestParser*>(llhttp->data);
  }

  static int on_method(llhttp_t* llhttp, const char*, std::size_t size) {
    parser(llhttp).method_bytes_ += static_cast<std::uint8_t>(size);
    return HPE_OK;
  }
  static int on_url(llhttp_t* llhttp, const char* at, std::size_t size) {
    RequestParser& self = parser(llhttp);
    const auto offset = self.phase_bytes_ + static_cast<std::uint32_t>(at - self.piece_);
    if (self.head_.target_bytes() == 0 && offset != self.method_bytes_ + 1U) {
      self.target_is_misplaced_ = true;  // llhttp takes more than one space
      self.head_.note_bad_syntax();
    }
    self.head_.read_target({at, size}, self.method());
    return HPE_OK;
  }
  static int on_url_complete(llhttp_t* llhttp) {
    parser(llhttp).head_.end_target();
    return HPE_OK;
  }
  static int on_version_complete(llhttp_t* llhttp) {
    parser(llhttp).line_done_ = true;
    return HPE_OK;
  }
  static int on_header_field(llhttp_t* llhttp, const char* at, std::size_t size) {
    parser(llhttp).head_.read_field_name({at, size});
    return HPE_OK;
  }
  static int on_header_field_complete(llhttp_t* llhttp) {
    RequestParser& self = parser(llhttp);
    skip_needless_field(*llhttp, self.head_.first_of_field_name());
    self.head_.end_field_name(self.phase_ == Phase::trailers);
    return HPE_OK;
  }
  static int on_header_value(llhttp_t* llhttp, const char* at, std::size_t size) {
    parser(llhttp).head_.read_field_value({at, size});
    return HPE_OK;
  }
  static int on_header_value_complete(llhttp_t* llhttp) {
    parser(llhttp).head_.end_field_value();
    return HPE_OK;
  }
  static int on_headers_complete(llhttp_t* llhttp) {
    RequestParser& self = parser(llhttp);
    llhttp->upgrade = 0;  // Upgrade and CONNECT are not accepted, so HTTP goes on.
    self.keep_alive_ = keeps_alive(*llhttp);
    self.is_chunked_ = (llhttp->flags & F_CHUNKED) != 0;
    self.head_done_ = true;
    const bool has_body = (llhttp->flags & F_TRANSFER_ENCODING) != 0 || llhttp->content_length > 0;
    return has_body ? HPE_PAUSED : HPE_OK;
  }
  static int on_body(llhttp_t* llhttp, const char*, std::size_t size) {
    parser(llhttp).body_bytes_ += size;
    return HPE_OK;
  }
  static int on_chunk_header(llhttp_t* llhttp) {
    parser(llhttp).chunk_line_done_ = true;
    return HPE_PAUSED;
  }
  static int on_chunk_complete(llhttp_t* llhttp) {
    RequestParser& self = parser(llhttp);
    if (self.phase_ == Phase::trailers) return HPE_OK;  // for llhttp they are a chunk, too
    self.chunk_done_ = true;
    return HPE_PAUSED;
  }
  static int on_message_complete(llhttp_t* llhttp) {
    parser(llhttp).message_done_ = true;
    return HPE_PAUSED;
  }

  static const llhttp_settings_t* settings() {
    static const llhttp_settings_t all = [] {
      llhttp_settings_t made;
      llhttp_settings_init(&made);
      made.on_method = on_method;
      made.on_url = on_url;
      made.on_url_complete = on_url_complete;
      made.on_version_complete = on_version_complete;
      made.on_header_field = on_header_field;
      made.on_header_field_complete = on_header_field_complete;
      made.on_header_value = on_header_value;
      made.on_header_value_complete = on_header_value_complete;
      made.on_headers_complete = on_headers_complete;
      made.on_body = on_body;
      made.on_chunk_header = on_chunk_header;
      made.on_chunk_complete = on_chunk_complete;
      made.on_message_complete = on_message_complete;
      return made;
    }();
    return &all;
  }
};

RequestParser::RequestParser() {
  llhttp_init(&llhttp_, HTTP_REQUEST, Callbacks::settings());
  llhttp_.data = this;
  llhttp_.lenient_flags |= LENIENT_VERSION;  // so that other versions come to be judged, for a 505
}

RequestParser::Event RequestParser::next(std::string_view& input) {
  Event event = Event::incomplete;
  while (event == Event::incomplete && !input.empty()) event = step(input);
  return event;
}

/// Goes on to the end of the input or of a phase.
RequestParser::Event RequestParser::step(std::string_view& input) {
  switch (phase_) {
    case Phase::between: return begin(input);
    case Phase::head: return read_head(input);
    case Phase::unknown_method: return read_unknown_method(input);
    case Phase::body:
    case Phase::chunk_data: return read_body(input);
    case Phase::chunk_line: return read_framing(input, http_chunk_line_limit, 400);
    case Phase::trailers: return read_framing(input, http_trailers_limit, 431);
    case Phase::refused: break;
  }
  return Event::refused;
}

/// llhttp would skip any number of CR and LF before a request, in any order.
RequestParser::Event RequestParser::begin(std::string_view& input) {
  line_done_ = false;
  const bool after_cr = phase_bytes_ % 2 != 0;
  const char c = input.front();
  if (after_cr || c == '\r' || c == '\n') {
    if (c != (after_cr ? '\n' : '\r') || phase_bytes_ == empty_line_limit_bytes) return refuse(400);
    ++phase_bytes_;
    input.remove_prefix(1);
    return Event::incomplete;
  }
  if (is_chunked_) llhttp_reset(&llhttp_);
  body_bytes_ = 0;
  method_bytes_ = 0;
  last_ = '\0';
  is_chunked_ = target_is_misplaced_ = head_done_ = message_done_ = false;
  head_ = {};
  enter(Phase::head);
  return read_head(input);
}

/// Lets llhttp read up to `limit` bytes and takes those that it has consumed.
llhttp_errno_t RequestParser::execute(std::string_view& input, std::size_t limit,
                                      std::string_view& taken) {
  const auto in_lines = [&] { return phase_ == Phase::head || phase_ == Phase::trailers; };
  std::string_view rest = input.substr(0, limit);
  piece_ = rest.data();
  const llhttp_errno_t error = execute_llhttp(llhttp_, rest, in_lines, [&] { return line_done_; });
  taken = {piece_, static_cast<std::size_t>(rest.data() - piece_)};
  input.remove_prefix(taken.size());
  return error;
}

RequestParser::Event RequestParser::read_head(std::string_view& input) {
  std::string_view taken;
  const std::uint32_t limit = line_done_ ? http_head_limit : http_request_line_limit;
  const llhttp_errno_t error = execute(input, limit - phase_bytes_, taken);
  const bool version_is_good = version_is_http(taken);
  phase_bytes_ += static_cast<std::uint32_t>(taken.size());
  if (!version_is_good) line_done_ = false;  // llhttp went on
  if (!version_is_good || !lines_end_well(taken)) return refuse(400);
  if (head_done_) return judge_head();
  switch (error) {
    case HPE_OK: break;
    case HPE_INVALID_METHOD: phase_ = Phase::unknown_method; return Event::incomplete;
    case HPE_PAUSED_H2_UPGRADE: return refuse(505);
    case HPE_INVALID_CONSTANT:  // methods of RTSP, which llhttp knows, with the version of HTTP
      return refuse(is_recognized(method()) || method() == HTTP_PRI ? 400 : 501);
    default: return refuse(400);
  }
  if (phase_bytes_ < (line_done_ ? http_head_limit : http_request_line_limit))
    return Event::incomplete;
  return refuse(line_done_ ? 431 : 414);
}

/// llhttp takes more than one space before the version, and "RTSP/" as well as "HTTP/".
/// `phase_bytes_` is where `taken` begins.
bool RequestParser::version_is_http(std::string_view taken) const {
  const std::size_t begin = method_bytes_ + 1U + head_.target_bytes() + 1U;
  const std::size_t end = begin + version_prefix.size();
  if (head_.target_bytes() == 0 || target_is_misplaced_) return true;
  for (std::size_t at = std::max<std::size_t>(begin, phase_bytes_);
       at < std::min(end, phase_bytes_ + taken.size()); ++at)
    if (taken[at - phase_bytes_] != version_prefix[at - begin]) return false;
  return true;
}

/// Whether each LF comes after a CR, and no line begins with white space (the obsolete folding of
/// RFC 9112 section 5.2, the classic of request smuggling): llhttp takes both.
bool RequestParser::lines_end_well(std::string_view taken) {
  if (taken.empty()) return true;
  if (last_ == '\n' && is_space(taken.front())) return false;
  for (std::size_t at = taken.find('\n'); at != taken.npos; at = taken.find('\n', at + 1)) {
    if ((at == 0 ? last_ : taken[at - 1]) != '\r') return false;
    if (at + 1 < taken.size() && is_space(taken[at + 1])) return false;
  }
  last_ = taken.back();
  return true;
}

/// A method that llhttp does not know: 501 where it could be one at all.
RequestParser::Event RequestParser::read_unknown_method(std::string_view& input) {
  const char c = input.front();
  input.remove_prefix(1);
  if (c == ' ') return refuse(phase_bytes_ == 0 ? 400 : 501);
  if (++phase_bytes_ > unknown_method_limit_bytes) return refuse(501);
  return is_token_character(c) ? Event::incomplete : refuse(400);
}

RequestParser::Event RequestParser::judge_head() {
  if (const int status = head_.refusal(llhttp_); status != 0) return refuse(status);
  if (message_done_) return finish();
  enter(is_chunked_ ? Phase::chunk_line : Phase::body);
  return Event::head;
}

RequestParser::Event RequestParser::read_body(std::string_view& input) {
  std::string_view taken;
  const llhttp_errno_t error = execute(input, input.size(), taken);
  if (message_done_) return finish();
  if (chunk_done_) {
    chunk_done_ = false;
    enter(Phase::chunk_line);
    return Event::incomplete;
  }
  return error == HPE_OK ? Event::incomplete : refuse(400);
}

/// A line before a chunk, or all that comes after the last one.
RequestParser::Event RequestParser::read_framing(std::string_view& input, std::uint32_t limit,
                                                 int status_beyond) {
  std::string_view taken;
  const llhttp_errno_t error = execute(input, limit - phase_bytes_, taken);
  phase_bytes_ += static_cast<std::uint32_t>(taken.size());
  if (phase_ == Phase::trailers && !lines_end_well(taken)) return refuse(400);
  if (chunk_line_done_) return judge_chunk();
  if (message_done_) return head_.has_bad_syntax() ? refuse(400) : finish();
  if (error != HPE_OK) return refuse(400);
  return phase_bytes_ < limit ? Event::incomplete : refuse(status_beyond);
}

RequestParser::Event RequestParser::judge_chunk() {
  chunk_line_done_ = false;
  if (llhttp_.content_length > http_body_limit - body_bytes_) return refuse(413);
  enter(llhttp_.content_length == 0 ? Phase::trailers : Phase::chunk_data);
  return Event::incomplete;
}

RequestParser::Event RequestParser::finish() {
  enter(Phase::between);
  return Event::complete;
}

RequestParser::Event RequestParser::refuse(int status) {
  enter(Phase::refused);
  status_ = static_cast<std::uint16_t>(status);
  return Event::refused;
}

void RequestParser::enter(Phase phase) {
  phase_ = phase;
  phase_bytes_ = 0;
}

}  // namespace contend
