// Asking the kernel by netlink (sock_diag(7), linux/inet_diag.h).
#include "harness/machine/listeners.hpp"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

namespace contend {
namespace {

using Address = std::array<std::uint8_t, sizeof(in6_addr)>;

/// IPv4 as the addresses that IPv6 has for them, ::ffff:a.b.c.d.
Address mapped(int family, const void* bytes) {
  Address address{};
  if (family == AF_INET6) {
    std::memcpy(address.data(), bytes, address.size());
  } else {
    address[10] = address[11] = 0xff;
    std::memcpy(&address[12], bytes, sizeof(in_addr));
  }
  return address;
}

Address address_of(const Endpoint& endpoint) {
  if (endpoint.family() == AF_INET6)
    return mapped(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(&endpoint.address)->sin6_addr);
  return mapped(AF_INET, &reinterpret_cast<const sockaddr_in*>(&endpoint.address)->sin_addr);
}

std::uint16_t network_port_of(const Endpoint& endpoint) {
  // At the same place in both (ip(7), ipv6(7)).
  return reinterpret_cast<const sockaddr_in*>(&endpoint.address)->sin_port;
}

/// An address can be bound if it is one of this machine's.
bool is_of_this_machine(Endpoint endpoint) {
  reinterpret_cast<sockaddr_in*>(&endpoint.address)->sin_port = 0;
  const Fd socket = client_socket(endpoint, 0);
  return socket && bind(socket.get(), endpoint.get(), endpoint.length) == 0;
}

bool ask(const Fd& netlink, int family, std::uint16_t network_port) {
  struct {
    nlmsghdr header{};
    inet_diag_req_v2 request{};
  } message;
  message.header = {.nlmsg_len = sizeof message,
                    .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                    .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
                    .nlmsg_seq = 0,
                    .nlmsg_pid = 0};
  message.request.sdiag_family = static_cast<std::uint8_t>(family);
  message.request.sdiag_protocol = IPPROTO_TCP;
  message.request.idiag_ext = 1U << (INET_DIAG_SKMEMINFO - 1);
  message.request.idiag_states = 1U << TCP_LISTEN;
  message.request.id.idiag_sport = network_port;
  message.request.id.idiag_cookie[0] = message.request.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  return send(netlink.get(), &message, sizeof message, 0) == sizeof message;
}

ListenerReading reading_of(const inet_diag_msg& socket, std::size_t bytes) {
  ListenerReading reading{.cookie = std::uint64_t{socket.id.idiag_cookie[1]} << 32U |
                                    socket.id.idiag_cookie[0]};
  const auto* attribute = reinterpret_cast<const rtattr*>(&socket + 1);
  for (std::size_t left = bytes - sizeof socket; RTA_OK(attribute, left);
       attribute = RTA_NEXT(attribute, left))
    if (attribute->rta_type == INET_DIAG_SKMEMINFO &&
        RTA_PAYLOAD(attribute) >= (SK_MEMINFO_DROPS + 1) * sizeof reading.drops)
      std::memcpy(&reading.drops,
                  static_cast<const std::uint32_t*>(RTA_DATA(attribute)) + SK_MEMINFO_DROPS,
                  sizeof reading.drops);
  return reading;
}

/// Adds the listeners of one family that have that port, and this or no address of their own.
/// Returns false if the kernel does not tell.
bool add_listeners(int family, const Endpoint& endpoint, std::vector<ListenerReading>& listeners) {
  const Fd netlink{socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG)};
  if (!netlink || !ask(netlink, family, network_port_of(endpoint))) return false;
  constexpr in_addr any_bytes{INADDR_ANY};
  const Address wanted = address_of(endpoint), any_four = mapped(AF_INET, &any_bytes), any_six{};
  alignas(nlmsghdr) std::array<char, 32768> buffer;
  for (;;) {
    const ssize_t size = recv(netlink.get(), buffer.data(), buffer.size(), 0);
    if (size <= 0) return false;
    auto left = static_cast<std::size_t>(size);
    for (const auto* header = reinterpret_cast<const nlmsghdr*>(buffer.data());
         NLMSG_OK(header, left); header = NLMSG_NEXT(header, left)) {
      if (header->nlmsg_type == NLMSG_DONE) return true;
      if (header->nlmsg_type != SOCK_DIAG_BY_FAMILY) return false;
      const auto& found = *static_cast<const inet_diag_msg*>(NLMSG_DATA(header));
      const Address own = mapped(found.idiag_family, found.id.idiag_src);
      if (own == wanted || own == any_four || own == any_six)
        listeners.push_back(reading_of(found, NLMSG_PAYLOAD(header, 0)));
    }
  }
}

}  // namespace

std::optional<std::vector<ListenerReading>> listeners_at(const Endpoint& endpoint) {
  std::vector<ListenerReading> listeners;
  if (endpoint.family() == AF_UNIX || !is_of_this_machine(endpoint)) return std::nullopt;
  // A listener of IPv6 may take connections of IPv4, too.
  if (endpoint.family() == AF_INET && !add_listeners(AF_INET, endpoint, listeners))
    return std::nullopt;
  if (!add_listeners(AF_INET6, endpoint, listeners) && endpoint.family() == AF_INET6)
    return std::nullopt;
  return listeners.empty() ? std::nullopt : std::optional(std::move(listeners));
}

std::uint64_t drops_between(const std::vector<ListenerReading>& before,
                            const std::vector<ListenerReading>& after) {
  std::uint64_t drops = 0;
  for (const ListenerReading& now : after) {
    const auto then = std::ranges::find(before, now.cookie, &ListenerReading::cookie);
    // Unsigned, so that a counter that has passed its end is right, too.
    drops += then == before.end() ? now.drops : std::uint32_t{now.drops - then->drops};
  }
  return drops;
}

}  // namespace contend
