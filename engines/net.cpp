// Descriptors and addresses.
#include "engines/net.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <thread>

#include <fmt/format.h>

#include "workloads/number.hpp"

namespace contend {

void throw_errno(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

namespace {

[[noreturn]] void bad_endpoint(std::string_view text) {
  throw std::invalid_argument(
      fmt::format("'{}' is no address; write HOST:PORT with a numeric host, or unix:PATH", text));
}

Endpoint parse_unix(std::string_view text, std::string_view path) {
  Endpoint endpoint;
  auto* address = reinterpret_cast<sockaddr_un*>(&endpoint.address);
  if (path.empty() || path.size() >= sizeof address->sun_path) bad_endpoint(text);
  address->sun_family = AF_UNIX;
  std::memcpy(address->sun_path, path.data(), path.size());
  endpoint.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return endpoint;
}

Fd listening_socket(const Endpoint& endpoint, bool shared) {
  Fd listener{socket(endpoint.family(), SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (!listener) throw_errno("socket for " + endpoint.text());
  const int on = 1;
  if (endpoint.family() != AF_UNIX) {
    setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (shared) setsockopt(listener.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    setsockopt(listener.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  if (bind(listener.get(), endpoint.get(), endpoint.length) != 0)
    throw_errno("bind " + endpoint.text());
  if (listen(listener.get(), listen_backlog) != 0) throw_errno("listen on " + endpoint.text());
  return listener;
}

Endpoint address_of(const Fd& listener) {
  Endpoint endpoint;
  endpoint.length = sizeof endpoint.address;
  if (getsockname(listener.get(), reinterpret_cast<sockaddr*>(&endpoint.address),
                  &endpoint.length) != 0)
    throw_errno("getsockname");
  return endpoint;
}

}  // namespace

void Fd::reset(int fd) noexcept {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

Endpoint Endpoint::parse(std::string_view text) {
  if (text.starts_with("unix:")) return parse_unix(text, text.substr(5));
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) bad_endpoint(text);
  const std::string_view port_text = text.substr(colon + 1);
  const auto port = parse_number<std::uint16_t>(port_text);
  if (!port) bad_endpoint(text);

  std::string host{text.substr(0, colon)};
  if (host == "localhost" || host.empty()) host = "127.0.0.1";
  Endpoint endpoint;
  if (host.front() == '[' && host.back() == ']') {
    auto* address = reinterpret_cast<sockaddr_in6*>(&endpoint.address);
    address->sin6_family = AF_INET6;
    address->sin6_port = htons(*port);
    endpoint.length = sizeof *address;
    if (inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &address->sin6_addr) != 1)
      bad_endpoint(text);
    return endpoint;
  }
  auto* address = reinterpret_cast<sockaddr_in*>(&endpoint.address);
  address->sin_family = AF_INET;
  address->sin_port = htons(*port);
  endpoint.length = sizeof *address;
  if (inet_pton(AF_INET, host.c_str(), &address->sin_addr) != 1) bad_endpoint(text);
  return endpoint;
}

Endpoint Endpoint::loopback(std::uint16_t port) {
  return parse(fmt::format("127.0.0.1:{}", port));
}

std::string Endpoint::host() const {
  char host[INET6_ADDRSTRLEN] = "";
  if (family() == AF_INET6)
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(&address)->sin6_addr, host,
              sizeof host);
  else if (family() == AF_INET)
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(&address)->sin_addr, host,
              sizeof host);
  return host;
}

std::string Endpoint::text() const {
  if (family() == AF_UNIX)
    return fmt::format("unix:{}", reinterpret_cast<const sockaddr_un*>(&address)->sun_path);
  if (family() == AF_INET6)
    return fmt::format("[{}]:{}", host(),
                       ntohs(reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port));
  return fmt::format("{}:{}", host(),
                     ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port));
}

bool Endpoint::is_loopback() const {
  if (family() == AF_UNIX) return true;
  if (family() == AF_INET6)
    return IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6*>(&address)->sin6_addr) != 0;
  return (ntohl(reinterpret_cast<const sockaddr_in*>(&address)->sin_addr.s_addr) >> 24) == 127;
}

void require_loopback(const Endpoint& endpoint, std::string_view text, std::string_view advice) {
  if (!endpoint.is_loopback())
    throw std::invalid_argument(fmt::format("{} is not on this machine; {}", text, advice));
}

void require_allowed(const Endpoint& endpoint, std::string_view text, std::string_view host,
                     std::string_view allowed) {
  if (!allowed.empty() && allowed != host)
    throw std::invalid_argument(
        fmt::format("--allow-remote names '{}', and {} goes to '{}'", allowed, text, host));
  if (allowed.empty())
    require_loopback(
        endpoint, text,
        fmt::format("to load another one that is yours to load, say --allow-remote {}", host));
}

Fd listen_on(const Endpoint& endpoint, bool shared) {
  return listening_socket(endpoint, shared);
}

Fd listen_beside(const Fd& listener) {
  return listening_socket(address_of(listener), true);
}

std::uint16_t port_of(const Fd& listener) {
  const Endpoint endpoint = address_of(listener);
  if (endpoint.family() == AF_INET6)
    return ntohs(reinterpret_cast<const sockaddr_in6*>(&endpoint.address)->sin6_port);
  return ntohs(reinterpret_cast<const sockaddr_in*>(&endpoint.address)->sin_port);
}

Fd client_socket(const Endpoint& endpoint, int flags) {
  Fd fd{socket(endpoint.family(), SOCK_STREAM | SOCK_CLOEXEC | flags, 0)};
  const int on = 1;
  if (fd && endpoint.family() != AF_UNIX)
    setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

Failure failure_of(int error_number) {
  switch (error_number) {
    case ECONNREFUSED: return {Failure::Kind::refused, error_number};
    case ECONNRESET:
    case EPIPE:
    case ETIMEDOUT: return {Failure::Kind::reset, error_number};
    default: return {Failure::Kind::other, error_number};
  }
}

bool is_exhausted(int error_number) {
  return error_number == EMFILE || error_number == ENFILE || error_number == ENOBUFS ||
         error_number == ENOMEM;
}

void outlast(int error_number, Duration timeout, const char* call) {
  if (error_number == EINTR) return;
  if (!is_exhausted(error_number))
    throw std::system_error(error_number, std::generic_category(), call);
  std::this_thread::sleep_for(std::min(timeout, accept_pause));
}

void set_nonblocking(int fd, bool on) {
  const int flags = fcntl(fd, F_GETFL);
  const int wanted = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
  if (flags < 0 || fcntl(fd, F_SETFL, wanted) != 0) throw_errno("fcntl O_NONBLOCK");
}

}  // namespace contend
