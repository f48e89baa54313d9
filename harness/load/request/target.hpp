// Where a load goes and what is spoken there, as it is written on the command line.
// Names are looked up only when that is asked for.
#pragma once

#include <string>
#include <string_view>

#include "engines/net.hpp"

namespace contend::load {

struct Target {
  enum class Protocol : std::uint8_t { http, echo };

  Protocol protocol = Protocol::http;
  Endpoint endpoint;  ///< Without an address (`length` is 0) where a name is still to be resolved.
  std::string url;    ///< As it was given.
  std::string host;   ///< For the field Host.
  std::string name;   ///< Of the host alone: an address without brackets, or a name to be resolved.
                      ///< Empty of a unix socket.
  std::uint16_t port = 0;
  std::string path;  ///< And query, of http.

  /// Reads http://HOST[:PORT][/PATH], http://unix:SOCKET[:/PATH], unix:SOCKET, which is the same,
  /// tcp://HOST:PORT and tcp://unix:SOCKET. What follows a # is dropped. Throws
  /// std::invalid_argument that says what is wrong with the URL.
  static Target parse(std::string_view url);
  /// Gives a name its first address that can be reached from here, of IPv4 or IPv6, in the system's
  /// order; nothing to do for an address. May ask a name server. Throws std::invalid_argument that
  /// says why there is none.
  void resolve();
};

/// Returns what is wrong with the characters of a URL, or of a path and query, and how the first
/// wrong one is written; empty if all can be sent. Blanks, control characters and characters
/// outside ASCII are percent-encoded (RFC 3986, section 2).
std::string character_fault(std::string_view url);

}  // namespace contend::load
