// The programs that the harness starts.
#include "harness/process/programs.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

#include "harness/process/child.hpp"
#include "harness/process/manifest.hpp"

namespace contend {
namespace {

constexpr const char* host_name = "contend-engine";
constexpr Duration sum_within = std::chrono::seconds(30);
constexpr std::size_t sum_length = 64;

}  // namespace

Programs find_programs(const std::string& host, const std::string& external) {
  const auto self = std::filesystem::read_symlink("/proc/self/exe");
  Programs programs{.harness = self,
                    .origin = self.parent_path() / host_name,
                    .host = host,
                    .external = external};
  const char* const from_environment = std::getenv("CONTEND_HOST");
  if (programs.host.empty() && from_environment != nullptr) programs.host = from_environment;
  if (programs.host.empty()) programs.host = programs.origin;
  if (access(programs.host.c_str(), X_OK) != 0)
    throw std::invalid_argument(
        fmt::format("no host program {}; build it, or name one with --host PATH or CONTEND_HOST",
                    programs.host));
  return programs;
}

Host ask_programs(const Guard& guard, const Programs& programs, const StopToken& stop) {
  Host host = ask_host(guard, {programs.host}, stop);
  add_outside(host, outside_engines(programs.external));
  return host;
}

std::string sha256_of(const Guard& guard, const std::string& file, const StopToken& stop) {
  Child child(guard, {.arguments = {"sha256sum", "--binary", file}});
  const auto deadline = Clock::now() + sum_within;
  const std::string line = child.read_line(deadline, {}, stop);
  if (line.size() < sum_length || !child.wait(deadline).clean())
    throw ChildFailure("sha256sum said: " + line);
  // A backslash comes before the sum where the file's name has to be escaped.
  return line.substr(line[0] == '\\' ? 1 : 0, sum_length);
}

}  // namespace contend
