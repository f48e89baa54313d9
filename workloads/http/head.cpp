// See head.hpp.
#include "workloads/http/head.hpp"

#include "workloads/http/http.hpp"

namespace contend {
namespace {

enum class HostByte : std::uint8_t { bad, good, space };

/// uri-host [ ":" port ] of RFC 9110 section 7.2, by its characters alone.
constexpr auto host_bytes = [] {
  std::array<HostByte, 256> table{};
  for (int c = 0; c < 256; ++c)
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
      table[static_cast<std::size_t>(c)] = HostByte::good;
  for (const char c : std::string_view("-._~%!$&'()*+,;=:[]"))
    table[static_cast<unsigned char>(c)] = HostByte::good;
  table[' '] = table['\t'] = HostByte::space;
  return table;
}();

char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

bool is_recognized(llhttp_method_t method) {
  switch (method) {
    case HTTP_GET:
    case HTTP_HEAD:
    case HTTP_POST:
    case HTTP_PUT:
    case HTTP_DELETE:
    case HTTP_CONNECT:
    case HTTP_OPTIONS:
    case HTTP_TRACE:
    case HTTP_PATCH: return true;
    default: return false;
  }
}

int RequestHead::refusal(const llhttp_t& llhttp) const {
  const auto method = static_cast<llhttp_method_t>(llhttp.method);
  const bool is_1_0 = llhttp.http_minor == 0;
  const bool is_chunked = (llhttp.flags & F_CHUNKED) != 0;
  if (bad_syntax_) return 400;
  if (llhttp.http_major != 1) return 505;
  if (!is_recognized(method)) return 501;
  if (bad_host_ || hosts_ > 1 || (hosts_ == 0 && !is_1_0)) return 400;
  if (has_codings_) {
    // RFC 9112 section 6.1. A coding that is neither known nor followed by chunked could get a 400
    // as well (6.3); either way the connection ends here.
    if (is_1_0) return 400;
    if (has_unknown_coding_) return 501;
    if (!is_chunked) return 400;
  }
  const bool is_path = path_size_ > 0 && path_[0] == '/';
  const bool is_other_form = method == HTTP_CONNECT || (method == HTTP_OPTIONS && path() == "*");
  if (bad_target_ || !(is_path || is_other_form)) return 400;
  if (!is_chunked && llhttp.content_length > http_body_limit) return 413;
  if (expects_other_ && !is_1_0) return 417;
  return 0;
}

void RequestHead::read_target(std::string_view piece, llhttp_method_t method) {
  target_bytes_ += static_cast<std::uint32_t>(piece.size());
  for (const char c : piece) read_target_character(c, method);
}

/// RFC 9112 section 3.2: origin-form, absolute-form and "*"; authority-form goes with CONNECT,
/// which no path allows, and is not looked into.
void RequestHead::read_target_character(char c, llhttp_method_t method) {
  switch (target_) {
    case Target::start:
      target_ = c == '/' ? Target::path : Target::scheme;
      if (c == '*' || method == HTTP_CONNECT) target_ = Target::as_is;
      append_to_path(to_lower(c));
      break;
    case Target::scheme:
      if (c != ':') return append_to_path(to_lower(c));
      if (path() != "http") bad_target_ = true;
      path_size_ = 0;
      target_ = Target::first_slash;
      break;
    case Target::first_slash: target_ = Target::second_slash; break;
    case Target::second_slash: target_ = Target::authority; break;
    case Target::authority:
      if (c == '@') bad_target_ = true;  // RFC 9110 section 4.2.4
      if (c != '/' && c != '?') return append_to_path(c);
      if (path_size_ == 0) bad_target_ = true;  // no host
      path_size_ = 0;
      append_to_path('/');
      target_ = c == '/' ? Target::path : Target::query;
      break;
    case Target::path:
    case Target::query:
      if (c == '?') target_ = Target::query;
      if (c == '#') bad_target_ = true;  // a fragment is never sent
      if (target_ == Target::path) append_to_path(c);
      break;
    case Target::as_is: append_to_path(c); break;
  }
}

void RequestHead::end_target() {
  if (target_ == Target::path || target_ == Target::query || target_ == Target::as_is) return;
  if (target_ != Target::authority || path_size_ == 0) bad_target_ = true;
  path_size_ = 0;
  append_to_path('/');
}

void RequestHead::append_to_path(char c) {
  if (path_size_ < path_.size()) path_[path_size_++] = c;
}

void RequestHead::end_field_name(bool in_trailers) {
  field_ = Field::other;
  if (capture_size_ == 0) bad_syntax_ = true;  // llhttp takes ": value"
  if (!in_trailers) {
    if (captured("host")) field_ = Field::host;
    if (captured("expect")) field_ = Field::expect;
    if (captured("transfer-encoding")) field_ = Field::transfer_encoding;
  }
  capture_size_ = 0;
}

void RequestHead::read_field_value(std::string_view piece) {
  if (field_ == Field::host) read_host(piece);
  if (field_ == Field::expect || field_ == Field::transfer_encoding) capture(piece);
}

void RequestHead::end_field_value() {
  switch (field_) {
    case Field::other: break;
    case Field::host:
      hosts_ = hosts_ == 0 ? 1 : 2;
      host_ended_ = false;
      break;
    case Field::expect:
      (captured("100-continue") ? expects_continue_ : expects_other_) = true;
      break;
    case Field::transfer_encoding:
      has_codings_ = true;
      if (captured("")) bad_syntax_ = true;
      if (!captured("chunked")) has_unknown_coding_ = true;
      break;
  }
  capture_size_ = 0;
}

void RequestHead::read_host(std::string_view piece) {
  for (const char c : piece) {
    const HostByte kind = host_bytes[static_cast<unsigned char>(c)];
    if (kind == HostByte::space)
      host_ended_ = true;
    else if (kind == HostByte::bad || host_ended_)
      bad_host_ = true;
  }
}

/// Keeps the beginning of a name or value. White space at the end need not fit; anything else
/// that does not makes it equal to nothing.
void RequestHead::capture(std::string_view piece) {
  for (const char c : piece) {
    if (capture_size_ < capture_.size())
      capture_[capture_size_++] = to_lower(c);
    else if (!is_space(c))
      capture_.back() = '\0';
  }
}

bool RequestHead::captured(std::string_view lower_case) const {
  std::string_view text(capture_.data(), capture_size_);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text == lower_case;
}

}  // namespace contend
