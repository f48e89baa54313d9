// The file in which results of `contend ab` are kept from commit to commit.
#include "harness/history/store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "harness/history/commit_time.hpp"

namespace contend::history {
namespace {

/// "cond" in ASCII: tells a history from any other SQLite file (PRAGMA application_id).
constexpr std::int64_t application = 0x636f6e64;

/// What brings a file from each version to the next; a new file goes through all of them. A version
/// that was published is never changed: what has to be different is another step.
constexpr const char* steps[] = {
    // 1: runs and what they compared. The seed is random, so that runs that two machines began in
    // the same second are two.
    R"(CREATE TABLE runs (
         number INTEGER PRIMARY KEY,
         id TEXT NOT NULL, machine TEXT NOT NULL, seed INTEGER NOT NULL,
         suite TEXT NOT NULL,
         base_name TEXT NOT NULL, base_sha256 TEXT, head_name TEXT NOT NULL, head_sha256 TEXT,
         commit_name TEXT NOT NULL, at TEXT NOT NULL,
         UNIQUE (id, machine, seed)) STRICT;
       CREATE TABLE comparisons (
         run INTEGER NOT NULL REFERENCES runs (number),
         cell TEXT NOT NULL, metric TEXT NOT NULL,
         ratio REAL, low REAL, high REAL, verdict TEXT NOT NULL, pairs INTEGER NOT NULL,
         PRIMARY KEY (run, cell, metric)) STRICT, WITHOUT ROWID;)",
    // 2: the reference that a run belongs to, by which series are told apart and found.
    R"(ALTER TABLE runs ADD COLUMN reference TEXT NOT NULL DEFAULT '';
       UPDATE runs SET reference = coalesce(base_sha256, base_name);
       CREATE INDEX runs_by_series ON runs (machine, reference, suite);)"};
static_assert(std::size(steps) == store_version);

std::int64_t version_of(Database& database, const std::string& file) {
  const std::int64_t owner = database.integer("PRAGMA application_id");
  const std::int64_t version = database.integer("PRAGMA user_version");
  const bool is_new =
      owner == 0 && version == 0 && database.integer("SELECT count(*) FROM sqlite_schema") == 0;
  if (owner != application && !is_new)
    throw std::invalid_argument(
        fmt::format("{}: is no history of contend but another program's database", file));
  if (version > store_version)
    throw std::invalid_argument(
        fmt::format("{}: is of version {} and this contend knows up to {}; use a newer contend",
                    file, version, store_version));
  if (version < 0)
    throw std::invalid_argument(
        fmt::format("{}: is of version {}, which no contend writes; restore the file from a copy",
                    file, version));
  return version;
}

/// Whoever comes first does it; the version is read again under the lock.
void migrate(Database& database, const std::string& file) {
  Transaction transaction(database);
  for (std::int64_t version = version_of(database, file); version < store_version; ++version) {
    database.execute(steps[version]);
    database.execute(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}",
                                 application, version + 1));
  }
  transaction.commit();
}

ab::Verdict verdict_of(const std::string& text) {
  const auto* const found =
      std::ranges::find(ab::all_verdicts, text, [](ab::Verdict v) { return to_string(v); });
  if (found == std::end(ab::all_verdicts))
    throw std::runtime_error(fmt::format("the history has a verdict '{}', which is none", text));
  return *found;
}

/// Returns the ratio of a column. Throws std::runtime_error where it is no positive number: the
/// file may be another program's work.
std::optional<double> ratio_in(const Statement& row, int column) {
  const std::optional<double> ratio = row.number(column);
  if (ratio && !(*ratio > 0 && std::isfinite(*ratio)))
    throw std::runtime_error(
        fmt::format("the history has a ratio {}; a ratio is above 0 and finite", *ratio));
  return ratio;
}

bool is_empty_name(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

/// What tells references apart: the program and the arguments that it was started with, since one
/// program may serve in several ways.
std::string identity_of(const ab::Side& reference) {
  if (!reference.sha256) return reference.name;
  std::string identity = *reference.sha256;
  for (std::size_t i = 1; i < reference.command.size(); ++i) identity += " " + reference.command[i];
  return identity;
}

}  // namespace

Entry entry_of(const ab::AbResult& result, const std::string& where, const std::string& commit,
               const std::string& time) {
  const auto refuse = [&](const std::string& why) {
    throw std::invalid_argument(where + ": " + why);
  };
  if (!result.run.interleaved)
    refuse("its two sides were not measured in turns; only a result of contend ab is stored");
  if (!result.run.complete) refuse("it is not complete; only a run that was finished is stored");
  if (result.comparisons.empty()) refuse("nothing was compared in it");
  const std::string& name = commit.empty() ? result.head.name : commit;
  if (is_empty_name(name)) refuse("head.name: is empty; name the commit with --commit");
  return {.run = result.run.id,
          .suite = result.run.suite,
          .machine = result.machine.fingerprint,
          .seed = result.run.seed,
          .reference = result.base,
          .head = result.head,
          .commit = name,
          .at = time.empty() ? utc_time(result.run.started_at, where + ": run.started_at")
                             : utc_time(time, "--time"),
          .comparisons = result.comparisons};
}

Store::Store(const std::filesystem::path& file, Database::Mode mode) : database_(file, mode) {
  // Before anything is changed in what may be somebody else's.
  const std::int64_t version = version_of(database_, file);
  if (mode == Database::Mode::create) database_.sync_commits();
  if (version < store_version) migrate(database_, file);
}

bool Store::add(const Entry& entry) {
  const std::string identity = identity_of(entry.reference);
  Transaction transaction(database_);
  Statement run(database_,
                "INSERT INTO runs (id, machine, seed, suite, base_name, base_sha256, head_name, "
                "head_sha256, commit_name, at, reference) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT DO NOTHING RETURNING number");
  run.bind(1, std::string_view(entry.run))
      .bind(2, std::string_view(entry.machine))
      .bind(3, static_cast<std::int64_t>(entry.seed))
      .bind(4, std::string_view(entry.suite))
      .bind(5, std::string_view(entry.reference.name))
      .bind(6, entry.reference.sha256)
      .bind(7, std::string_view(entry.head.name))
      .bind(8, entry.head.sha256)
      .bind(9, std::string_view(entry.commit))
      .bind(10, std::string_view(entry.at))
      .bind(11, std::string_view(identity));
  if (!run.step()) return false;
  const std::int64_t number = run.integer(0);
  run.reset();
  Statement row(database_,
                "INSERT INTO comparisons (run, cell, metric, ratio, low, high, verdict, pairs) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  for (const ab::Comparison& comparison : entry.comparisons) {
    const ab::Ratio ratio = comparison.ratio.value_or(ab::Ratio{});
    row.bind(1, number)
        .bind(2, std::string_view(comparison.cell))
        .bind(3, std::string_view(comparison.metric))
        .bind(4, comparison.ratio ? std::optional(ratio.estimate) : std::nullopt)
        .bind(5, ratio.low)
        .bind(6, ratio.high)
        .bind(7, to_string(comparison.verdict))
        .bind(8, static_cast<std::int64_t>(comparison.pairs));
    row.step();
    row.reset();
  }
  transaction.commit();
  return true;
}

std::vector<Series> Store::series() {
  // The Z is no part of the order: a time with decimals comes after the one without.
  Statement row(
      database_,
      "SELECT machine, reference, suite, cell, metric, base_name, commit_name, at, ratio, "
      "low, high, verdict, pairs FROM runs JOIN comparisons ON run = number "
      "WHERE ratio IS NOT NULL ORDER BY 1, 2, 3, 4, 5, rtrim(at, 'Z'), number");
  std::vector<Series> all;
  while (row.step()) {
    Series series{.machine = row.text(0),
                  .reference = row.text(1),
                  .reference_name = row.text(5),
                  .suite = row.text(2),
                  .cell = row.text(3),
                  .metric = row.text(4),
                  .points = {}};
    const auto key = [](const Series& s) {
      return std::tie(s.machine, s.reference, s.suite, s.cell, s.metric);
    };
    if (all.empty() || key(all.back()) != key(series))
      all.push_back(std::move(series));
    else
      all.back().reference_name = std::move(series.reference_name);
    all.back().points.push_back({.commit = row.text(6),
                                 .at = row.text(7),
                                 .ratio = ratio_in(row, 8).value_or(1),
                                 .low = ratio_in(row, 9),
                                 .high = ratio_in(row, 10),
                                 .verdict = verdict_of(row.text(11)),
                                 .pairs = static_cast<std::uint64_t>(row.integer(12))});
  }
  return all;
}

}  // namespace contend::history
