// A request's bytes.
#include "harness/load/request/request.hpp"

#include <fmt/format.h>
#include <strings.h>

#include <algorithm>
#include <stdexcept>

namespace contend::load {
namespace {

/// RFC 9110, section 5.6.2.
bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           marks.find(c) != std::string_view::npos;
  });
}

bool is_named(std::string_view name, const char* other) {
  return strcasecmp(std::string(name).c_str(), other) == 0;
}

std::string_view name_of(std::string_view field) {
  const std::string_view name = field.substr(0, field.find(':'));
  const bool has_control =
      std::ranges::any_of(field, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
  if (name.size() == field.size() || !is_token(name) || has_control)
    throw std::invalid_argument(fmt::format("{:?} is no header field; write 'Name: value'", field));
  if (is_named(name, "Content-Length") || is_named(name, "Transfer-Encoding"))
    throw std::invalid_argument(
        fmt::format("{} can't be set: the body's length is that of --body", name));
  return name;
}

}  // namespace

HttpCall http_call(const Target& target, const RequestSpec& request) {
  if (!is_token(request.method))
    throw std::invalid_argument(fmt::format("{:?} is no HTTP method", request.method));
  const bool is_head = request.method == "HEAD";
  if (is_head && request.expected && !request.expected->empty())
    throw std::invalid_argument("an answer to HEAD has no body to expect");
  if (request.method == "CONNECT")
    throw std::invalid_argument("CONNECT makes a tunnel, which is no request to load with");
  const std::string& path = request.path ? *request.path : target.path;
  if (const std::string fault = character_fault(path); !fault.empty())
    throw std::invalid_argument(fmt::format("{:?} is no path: {}", path, fault));
  std::string fields;
  bool has_host = false;
  for (const std::string& field : request.fields) {
    has_host |= is_named(name_of(field), "Host");
    fields += field + "\r\n";
  }
  if (!has_host) fields = fmt::format("Host: {}\r\n{}", target.host, fields);
  const std::string head = fmt::format("{} {} HTTP/1.1\r\n{}", request.method, path, fields);
  return {.request = request.has_places ? RequestTemplate::parse(head, request.body)
                                        : RequestTemplate(head, request.body),
          .text = request.expected.value_or(""),
          .any_body = !request.expected,
          .head = is_head,
          .status = request.status,
          .weight = request.weight};
}

}  // namespace contend::load
