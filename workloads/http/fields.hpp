// How requests and responses alike have llhttp read their header fields: as RFC 9110 and RFC 9112
// say, where llhttp 8.1 differs. Not what is in the fields.
#pragma once

#include <llhttp.h>

#include <algorithm>
#include <string_view>

namespace contend {

/// Lets llhttp read from the front of `input` to the end or to the next event, and takes what it
/// has read. `in_head` says whether llhttp reads a head or trailers, and `in_fields` whether it has
/// got to their fields. There, a tab is given to it as a space: RFC 9110 section 5.6.3 allows
/// either around a value, but llhttp takes no tab behind a length, a coding or an option.
template <typename InHead, typename InFields>
llhttp_errno_t execute_llhttp(llhttp_t& llhttp, std::string_view& input, InHead in_head,
                              InFields in_fields) {
  // The search for a tab must not go through all that follows a short head.
  constexpr std::size_t searched_bytes = 512;
  llhttp_resume(&llhttp);
  llhttp_errno_t error = HPE_OK;
  while (error == HPE_OK && !input.empty()) {
    std::string_view piece = input;
    if (in_head()) {
      piece = piece.substr(0, searched_bytes);
      piece = piece.substr(0, std::max<std::size_t>(piece.find('\t'), 1));
      if (piece == "\t" && in_fields()) piece = " ";
    }
    error = llhttp_execute(&llhttp, piece.data(), piece.size());
    input.remove_prefix(
        error == HPE_OK ? piece.size()
                        : static_cast<std::size_t>(llhttp_get_error_pos(&llhttp) - piece.data()));
  }
  return error;
}

/// For the callback at the end of a field's name, which begins with `first`: llhttp is not to heed
/// Proxy-Connection, which is no field of HTTP (RFC 9112 appendix C.2.2), nor any trailer.
inline void skip_needless_field(llhttp_t& llhttp, char first) {
  constexpr auto general = 0;
  if (first == 'p' || first == 'P' || (llhttp.flags & F_TRAILING) != 0)
    llhttp.header_state = general;
}

/// For the callback at the end of the head: whether the connection can be used again after this
/// message. "close" wins over "keep-alive" (RFC 9112 section 9.3), under HTTP/1.0, too.
inline bool keeps_alive(llhttp_t& llhttp) {
  if ((llhttp.flags & F_CONNECTION_CLOSE) != 0)
    llhttp.flags &= static_cast<std::uint16_t>(~F_CONNECTION_KEEP_ALIVE);
  return llhttp_should_keep_alive(&llhttp) != 0;
}

}  // namespace contend
