// Reading what is written on a load's command line, and looking names up.
#include "harness/load/request/target.hpp"

#include <fmt/format.h>
#include <netdb.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "workloads/number.hpp"

namespace contend::load {
namespace {

[[noreturn]] void refuse_target(std::string_view url, std::string_view why) {
  throw std::invalid_argument(
      fmt::format("'{}' is no target: {}; write http://HOST:PORT/PATH, tcp://HOST:PORT (echo), or "
                  "unix:SOCKET in the place of HOST:PORT",
                  url, why));
}

/// Takes `prefix` from the front of `text`, where it is there.
bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

Endpoint endpoint_of(std::string_view url, const std::string& address) {
  try {
    return Endpoint::parse(address);
  } catch (const std::invalid_argument&) {
    refuse_target(url, fmt::format("'{}' is no address", address));
  }
}

/// Letters, digits, hyphens and dots, as in RFC 1123, section 2.1, and what others allow beside.
bool may_be_name(std::string_view host) {
  return !host.empty() && host.front() != '-' && std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  });
}

/// Takes the authority of a URL apart: HOST, HOST:PORT, [IPv6] or [IPv6]:PORT.
void split_authority(std::string_view url, std::string_view authority, Target& target) {
  std::size_t colon = authority.rfind(':');
  if (colon != std::string_view::npos && authority.find(']', colon) != std::string_view::npos)
    colon = std::string_view::npos;  // one of an address's
  const std::string_view host = authority.substr(0, colon);
  const std::string_view port =
      colon == std::string_view::npos ? "80" : authority.substr(colon + 1);
  if (colon == std::string_view::npos && target.protocol == Target::Protocol::echo)
    refuse_target(url, "it has no port");
  const auto number = parse_number<decltype(target.port)>(port);
  if (!number || *number == 0)
    refuse_target(url, fmt::format("'{}' is no address, by its port", authority));
  target.port = *number;
  if (host.empty()) refuse_target(url, "it has no host");
  target.name =
      host.starts_with('[') && host.ends_with(']') ? host.substr(1, host.size() - 2) : host;
  const std::string address = fmt::format("{}:{}", host, port);
  const bool is_numeric = host.starts_with('[') || host == "localhost" ||
                          host.find_first_not_of("0123456789.") == std::string_view::npos;
  if (is_numeric || !may_be_name(host)) target.endpoint = endpoint_of(url, address);
}

/// Of a unix socket the path of the request follows a colon, as nginx writes it.
void split_unix(std::string_view url, std::string_view rest, Target& target) {
  std::string_view socket = rest;
  if (target.protocol == Target::Protocol::http) {
    const std::size_t colon = rest.find(":/");
    socket = rest.substr(0, colon);
    if (colon != std::string_view::npos) target.path = rest.substr(colon + 1);
  }
  target.host = "localhost";
  target.endpoint = endpoint_of(url, fmt::format("unix:{}", socket));
}

void split_tcp(std::string_view url, std::string_view rest, Target& target) {
  const std::size_t path = rest.find_first_of("/?");
  const std::string_view authority = rest.substr(0, path);
  if (path != std::string_view::npos) {
    if (target.protocol == Target::Protocol::echo)
      refuse_target(url, "an echo server has no paths");
    if (rest[path] == '/') target.path.clear();
    target.path += rest.substr(path);
  }
  if (authority.empty()) refuse_target(url, "it has no host");
  if (authority.find('@') != std::string_view::npos) refuse_target(url, "it has a user");
  target.host = authority;
  split_authority(url, authority, target);
}

}  // namespace

Target Target::parse(std::string_view url) {
  Target target{.endpoint = {}, .url = std::string(url), .host = {}, .name = {}, .path = "/"};
  std::string_view rest = url.substr(0, url.find('#'));
  if (const std::string fault = character_fault(rest); !fault.empty()) refuse_target(url, fault);
  bool is_unix = take(rest, "unix:");
  if (!is_unix) {
    if (take(rest, "tcp://"))
      target.protocol = Protocol::echo;
    else if (!take(rest, "http://"))
      refuse_target(url,
                    rest.starts_with("https://") ? "there is no TLS here" : "it has no scheme");
    is_unix = take(rest, "unix:");
  }
  if (is_unix)
    split_unix(url, rest, target);
  else
    split_tcp(url, rest, target);
  return target;
}

/// What can't be reached from here comes last (RFC 6724, section 6, rule 1; getaddrinfo(3)).
void Target::resolve() {
  if (endpoint.length > 0) return;
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(name.c_str(), std::to_string(port).c_str(), &wanted, &found);
  if (error != 0)
    throw std::invalid_argument(fmt::format(
        "the host {} has no address: {}; mend its name, or write the address", name,
        error == EAI_SYSTEM ? std::generic_category().message(errno) : gai_strerror(error)));
  std::memcpy(&endpoint.address, found->ai_addr, found->ai_addrlen);
  endpoint.length = found->ai_addrlen;
  freeaddrinfo(found);
}

std::string character_fault(std::string_view url) {
  const auto* const wrong =
      std::ranges::find_if(url, [](char c) { return c <= ' ' || c == '\x7f'; });
  if (wrong == url.end()) return {};
  const bool is_ascii = *wrong >= 0;
  const auto* const end =
      is_ascii ? wrong + 1 : std::find_if(wrong, url.end(), [](char c) { return c >= 0; });
  std::string written;
  for (const auto* at = wrong; at != end; ++at)
    written += fmt::format("%{:02X}", static_cast<unsigned char>(*at));
  return is_ascii ? fmt::format("it has a blank or a control character, written as {}", written)
                  : fmt::format(
                        "it has a character outside ASCII, written as {} in a path and "
                        "by xn-- in a name",
                        written);
}

}  // namespace contend::load
