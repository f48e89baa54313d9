// Two programs of cases, whose instructions are counted.
#include "harness/ab/counting.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <system_error>

#include "engines/net.hpp"
#include "harness/ab/benchmark_report.hpp"
#include "harness/ab/callgrind.hpp"
#include "harness/base/json.hpp"
#include "harness/process/child.hpp"

namespace contend::ab {
namespace {

constexpr std::string_view engine_name = "contend-engine", cases_name = "contend-cases";
constexpr Duration answer_within = std::chrono::seconds(10);
/// Some million instructions take a second under callgrind; a busy machine has time to be one.
constexpr Duration count_within = std::chrono::seconds(120);
constexpr const char* how_to_install = "scripts/bootstrap --all, or apt-get install valgrind";

void check_valgrind(const Setting& setting) {
  try {
    Child child(setting.guard, {.arguments = {"valgrind", "--version"}});
    child.read_all(Clock::now() + answer_within, setting.stop);
  } catch (const std::system_error& error) {
    throw std::invalid_argument(fmt::format(
        "instructions are counted by valgrind, and that is not here ({}); install it: {}",
        error.code().message(), how_to_install));
  }
}

std::vector<Listed> cases_of(const Setting& setting, const std::string& program) {
  Child child(setting.guard, {.arguments = {program, "list"}});
  const std::string said = child.read_all(Clock::now() + answer_within, setting.stop);
  const std::string where = program + " list";
  return parse_case_list(parse_json(said, where), program);
}

/// A file in memory, for a program that writes to a path: it is gone with this process, whatever
/// ends it. See proc_pid_fd(5) on the path, and memfd_create(2).
class MemoryFile {
 public:
  MemoryFile() : file_(memfd_create("profile", MFD_CLOEXEC)) {
    if (!file_) throw_errno("a file in memory");
  }
  std::string path() const { return fmt::format("/proc/{}/fd/{}", getpid(), file_.get()); }
  std::string content() const {
    std::string all;
    std::array<char, 65536> chunk{};
    ssize_t size = 0;
    while ((size = pread(file_.get(), chunk.data(), chunk.size(), static_cast<off_t>(all.size()))) >
           0)
      all.append(chunk.data(), static_cast<std::size_t>(size));
    if (size < 0) throw_errno("the file in memory");
    return all;
  }

 private:
  Fd file_;
};

/// The environment is made empty, since a case's process has it on its stack, and libraries look
/// for their settings in it.
std::vector<std::string> counting_command(const std::string& program, const std::string& name,
                                          const std::string& profile) {
  const char* const path = std::getenv("PATH");
  return {"env",
          "-i",
          fmt::format("PATH={}", path == nullptr ? "/usr/bin:/bin" : path),
          "valgrind",
          "--quiet",
          "--tool=callgrind",
          "--instr-atstart=no",
          "--vgdb=no",
          "--callgrind-out-file=" + profile,
          program,
          name};
}

Sample count_case(const Setting& setting, const MeasuredSide& side, const Cell& cell,
                  const std::string& name) {
  return sample_of(setting.guard, cell.id(), [&](Sample& sample) {
    const MemoryFile profile;
    const std::string& program = side.side.command.front();
    const TimePoint begin = Clock::now();
    Child child(setting.guard, {.arguments = counting_command(program, name, profile.path())});
    const std::string said = child.read_all(begin + count_within, setting.stop);
    sample.window_ns = (Clock::now() - begin).count();
    const nlohmann::json report = parse_json(said, program + " " + name);
    Fields fields(report, program + " " + name);
    if (fields.string("done") != name) fields.refuse("done", "must be " + quote_for_display(name));
    fields.finish();
    sample.operations = 1;
    sample.metrics["instructions"] = static_cast<double>(instructions_in(profile.content()));
  });
}

}  // namespace

std::string cases_program(const std::string& path) {
  const std::filesystem::path program = path;
  return program.filename() == engine_name ? program.parent_path() / cases_name : program;
}

std::vector<Listed> parse_case_list(const nlohmann::json& listing, const std::string& program) {
  Fields fields(listing, program + " list");
  std::vector<Listed> cases;
  std::vector<std::string> names;
  fields.each("cases", [&](const nlohmann::json& one, const std::string& where) {
    Fields entry(one, where);
    cases.push_back({.name = entry.string("name"), .summary = entry.string("summary")});
    entry.finish();
    const std::string& name = cases.back().name;
    names.push_back(name);
    if (fitting_names(names).back() != name)
      entry.refuse("name", "must be another one each, of letters, digits, '_', '.' and '-'");
  });
  if (cases.empty()) fields.refuse("cases", "must not be empty");
  if (!fields.boolean("can_be_counted"))
    throw std::invalid_argument(
        fmt::format("{} was built where valgrind/callgrind.h was missing, so that its start would "
                    "be counted, too; install valgrind and build it again: {}",
                    program, how_to_install));
  fields.finish();
  return cases;
}

Subject counted_cases(const AbOptions& options, const Setting& setting) {
  check_valgrind(setting);
  const std::string base = cases_program(options.base);
  const std::string head =
      cases_program(options.head.empty() ? setting.programs.origin : options.head);
  std::vector<std::string> names;
  Subject subject = pair_up({.suite = "instructions",
                             .engine = std::string(cases_name),
                             .summary = "cases whose instructions are counted",
                             .base = program_side(setting, base, options.base_name),
                             .head = program_side(setting, head, options.head_name),
                             .of_base = cases_of(setting, base),
                             .of_head = cases_of(setting, head),
                             .metrics = counting_metrics()},
                            options.selection.workloads, names);
  subject.is_exact = true;
  subject.measure = [setting, names](const MeasuredSide& side, std::size_t cell, const Placement&) {
    return count_case(setting, side, side.cells[cell], names[cell]);
  };
  return subject;
}

}  // namespace contend::ab
