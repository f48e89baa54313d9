// The two hosts that are compared.
#include "harness/ab/sides.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "harness/base/json.hpp"
#include "harness/process/child.hpp"
#include "harness/process/programs.hpp"

namespace contend::ab {
namespace {

/// What a suite asks of a host, and the host can do here.
std::vector<Cell> cells_of(const Suite& suite, const Selection& selection, const Host& host,
                           Duration slice) {
  std::vector<Cell> cells;
  if (suite.entries.empty()) return cells;
  for (Cell& cell : expand(suite, host, selection)) {
    if (host.engine(cell.engine).unavailable || compared_metrics(cell.role).empty()) continue;
    cell.options.window = slice;
    cells.push_back(std::move(cell));
  }
  return cells;
}

bool has(const Host& host, const std::string& engine) {
  return std::ranges::find(host.engines, engine, &HostEngine::name) != host.engines.end();
}

/// What of the suite this host knows at all: the other one may be newer, or older. What neither
/// knows is left in, for `expand` to refuse.
Suite known_part(Suite suite, const Host& host, const Host& other) {
  const auto plays = [](const Host& one, const std::string& workload) {
    return std::ranges::find(one.workloads, workload, &HostWorkload::name) != one.workloads.end();
  };
  std::erase_if(suite.entries, [&](Suite::Entry& entry) {
    const std::size_t named = entry.engines.size();
    std::erase_if(entry.engines, [&](const std::string& engine) {
      return !has(host, engine) && has(other, engine);
    });
    return (named > 0 && entry.engines.empty()) ||
           (!plays(host, entry.workload) && plays(other, entry.workload));
  });
  return suite;
}

/// Takes off `cells` what the others don't have, and tells it.
void keep_common(std::vector<Cell>& cells, const std::vector<Cell>& others, const char* side,
                 std::vector<std::string>& told) {
  std::erase_if(cells, [&](const Cell& cell) {
    const bool common = std::ranges::find(others, cell.id(), &Cell::id) != others.end();
    if (!common) told.push_back(fmt::format("{}: only the {} can play it here", cell.id(), side));
    return !common;
  });
}

}  // namespace

std::vector<std::string> words_of(const std::string& command) {
  std::vector<std::string> words;
  bool within_word = false;
  char quote = 0;
  for (const char letter : command) {
    if (quote != 0 ? letter == quote : letter == '\'' || letter == '"') {
      quote = quote == 0 ? letter : '\0';
      if (!within_word) words.emplace_back();
      within_word = true;
    } else if (quote == 0 && (letter == ' ' || letter == '\t' || letter == '\n')) {
      within_word = false;
    } else {
      if (!within_word) words.emplace_back();
      within_word = true;
      words.back() += letter;
    }
  }
  if (quote != 0)
    throw std::invalid_argument(
        fmt::format("{}: the quote {} has no end", quote_for_display(command), quote));
  if (words.empty() || words.front().empty())
    throw std::invalid_argument("a host is a command, and an empty one was given");
  return words;
}

MeasuredSide ask_side(const Guard& guard, const std::string& command, const std::string& name,
                      const StopToken& stop) {
  MeasuredSide side;
  side.side.command = words_of(command);
  side.side.name = name.empty() ? command : name;
  const std::string& program = side.side.command.front();
  const bool is_path = program.find('/') != std::string::npos;
  if (is_path && access(program.c_str(), X_OK) != 0)
    throw std::invalid_argument(fmt::format("no host program {}: build it, or name another one",
                                            quote_for_display(program)));
  side.host = ask_host(guard, side.side.command, stop);
  if (is_path) side.side.sha256 = sha256_of(guard, program, stop);
  return side;
}

std::vector<std::string> match_cells(const Suite& suite, const Selection& selection, Duration slice,
                                     MeasuredSide& base, MeasuredSide& head) {
  base.cells = cells_of(known_part(suite, base.host, head.host), selection, base.host, slice);
  head.cells = cells_of(known_part(suite, head.host, base.host), selection, head.host, slice);
  std::vector<std::string> told;
  const std::vector<Cell> of_base = base.cells;
  keep_common(base.cells, head.cells, "base", told);
  keep_common(head.cells, of_base, "head", told);
  // The base's order counts.
  const auto place = [&](const Cell& cell) {
    return std::ranges::find(base.cells, cell.id(), &Cell::id) - base.cells.begin();
  };
  std::ranges::sort(head.cells, {}, place);
  return told;
}

}  // namespace contend::ab
