// The file in which results of `contend ab` are kept from commit to commit. It stores ratios to the
// reference, never absolute figures, and judges nothing. Not thread-safe; several processes may
// have one file open at once.
//   Store store("results/history.sqlite", Database::Mode::create); store.add(entry_of(...));
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/ab/ab_result.hpp"
#include "harness/history/series.hpp"
#include "harness/history/sqlite.hpp"

namespace contend::history {

/// Of the file's form (PRAGMA user_version). A file of an older one is brought to it when it is
/// opened; one of a newer version is refused.
inline constexpr int store_version = 2;

/// What a result says of a commit.
struct Entry {
  std::string run, suite, machine;
  std::uint64_t seed = 0;
  ab::Side reference, head;
  std::string commit, at;
  std::vector<ab::Comparison> comparisons;
};

/// `commit` and `time` stand in for the name of the result's head and the time of its beginning;
/// empty: those. Throws std::invalid_argument that names `where` for a result that is no good for a
/// history: not measured in turns, not complete, or without anything that was compared.
Entry entry_of(const ab::AbResult& result, const std::string& where, const std::string& commit = {},
               const std::string& time = {});

class Store {
 public:
  /// Makes the file, or brings it to this version; with Mode::read all that happens to a copy in
  /// memory. Throws as Database does, and std::invalid_argument for a file of another program or of
  /// a newer version.
  Store(const std::filesystem::path& file, Database::Mode mode);

  /// False where the run was there already, and then nothing changes. When it returns, all of it is
  /// on the disk; whatever ends the process before that leaves nothing of it.
  bool add(const Entry& entry);

  /// By machine, reference, suite, cell and metric; of what was measured only.
  std::vector<Series> series();

 private:
  Database database_;
};

}  // namespace contend::history
