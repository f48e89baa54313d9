// What the server and the clients of the http workloads agree on: limits and bodies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace contend {

// What the server accepts; beyond it answers with the status named here and closes.
inline constexpr std::uint32_t http_request_line_limit = 8 * 1024;  ///< 414; RFC 9112 section 3
                                                                    ///< asks for 8000 at least.
inline constexpr std::uint32_t http_head_limit = 16 * 1024;      ///< 431; request line and header.
inline constexpr std::uint32_t http_trailers_limit = 16 * 1024;  ///< 431
inline constexpr std::uint32_t http_chunk_line_limit = 256;      ///< 400; size and extensions.
inline constexpr std::uint64_t http_body_limit = 1024 * 1024;    ///< 413; without the framing.
inline constexpr std::uint64_t http_bytes_limit = 1 << 30;       ///< 404; /bytes/N
inline constexpr std::uint64_t http_delay_limit_ms = 60'000;     ///< 404; /delay/MS
inline constexpr std::uint64_t http_fib_limit = 45;              ///< 404; /fib/N, from 1

// What the server holds of its own; it sends what is there and goes on when that has gone out.
inline constexpr std::size_t http_output_limit = 64 * 1024;       ///< Answers that wait to be sent.
inline constexpr std::size_t http_output_kept = 2 * 1024;         ///< Kept by an idle connection.
inline constexpr std::size_t http_inline_body_limit = 16 * 1024;  ///< Copied behind its header, so
                                                                  ///< that both are one send.

/// The body of `GET /` and of /delay/MS.
inline constexpr std::string_view http_text = "Hello, world!";

/// The body of /bytes/N is the first N bytes of an endless one, whose byte i is the character
/// '!' + i mod 89: it can be printed, and as 89 is prime, a block that is lost or moved shows.
/// Returns `size` bytes of it from `offset` on, or fewer where a block ends there, at least one
/// where `size` is above 0. Static storage.
std::string_view http_pattern(std::uint64_t offset, std::uint64_t size);

}  // namespace contend
