// Reading the requests of a file, from which a load chooses by weight. It reads no file itself.
#pragma once

#include <string_view>
#include <vector>

#include "harness/load/request/request.hpp"

namespace contend::load {

inline constexpr std::size_t max_requests_in_file = 65536;

/// Requests, one a line, `[WEIGHT] METHOD PATH [BODY]`; lines that are blank or begin with # are
/// passed by. From the first line that begins with ### on, one a block instead:
///
///     ### WEIGHT
///     METHOD PATH
///     Name: value
///
///     BODY, up to the next ### or the end, without the last line's end
///
/// The weight is from 1 to 1,000,000, and 1 where it is left out. Paths, fields and bodies may have
/// places (RequestTemplate). Throws std::invalid_argument that names the line and what is wrong
/// with it.
std::vector<RequestSpec> parse_requests(std::string_view text);

}  // namespace contend::load
