// A request that a load sends over HTTP, from what the command line or a file says of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/load/request/target.hpp"
#include "workloads/http/client.hpp"

namespace contend::load {

struct RequestSpec {
  std::string method = "GET";
  std::vector<std::string> fields{};      ///< "Name: value", each.
  std::optional<std::string> path{};      ///< And query; without it, the target's.
  std::optional<std::string> body{};      ///< With it, Content-Length is sent.
  int status = 0;                         ///< The right one; 0: any from 200 to 399.
  std::optional<std::string> expected{};  ///< The right body; without it, any.
  std::uint32_t weight = 1;               ///< How often, beside others.
  bool has_places = false;                ///< For what differs: see RequestTemplate.
};

/// The request's bytes and what is a right answer to it. Host is the target's, unless a field says
/// another. Throws std::invalid_argument where the method is no token, the path has a blank or a
/// character outside ASCII, a field is none or one that says how long the body is, or an answer to
/// HEAD is to have a body.
HttpCall http_call(const Target& target, const RequestSpec& request);

}  // namespace contend::load
