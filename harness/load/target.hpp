// What is written on a load's command line: where it goes and what is spoken there, and how long.
// It resolves no names.
#pragma once

#include <string>
#include <string_view>

#include "engines/net.hpp"

namespace contend::load {

struct Target {
  enum class Protocol : std::uint8_t { http, echo };

  Protocol protocol = Protocol::http;
  Endpoint endpoint;
  std::string url;   ///< As it was given.
  std::string host;  ///< For the field Host.
  std::string path;  ///< And query, of http.

  /// Reads http://HOST[:PORT][/PATH], http://unix:SOCKET[:/PATH], unix:SOCKET, which is the same,
  /// tcp://HOST:PORT and tcp://unix:SOCKET. HOST is numeric or localhost; what follows a # is
  /// dropped. Throws std::invalid_argument that says what is wrong with the URL.
  static Target parse(std::string_view url);
};

/// A time as it is written on a command line: a number and us, ms, s, m or h, such as 200ms, or of
/// seconds where there is no unit. Throws std::invalid_argument unless it is from 1us to 24h.
Duration parse_time(std::string_view text);

}  // namespace contend::load
