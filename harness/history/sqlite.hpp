// SQLite's C interface with owners: a database, a statement, a transaction. It knows nothing of
// what is stored. Not thread-safe; each process and thread opens a database of its own.
//   Database database("x.sqlite", Database::Mode::create); database.execute("CREATE TABLE t(a)");
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace contend::history {

/// How long a writer waits for another one; each of them holds the file for milliseconds.
inline constexpr std::chrono::milliseconds patience_with_writers{60'000};

/// A file. What fails throws std::runtime_error with the file and SQLite's own words; a file that
/// is no SQLite database throws std::invalid_argument.
class Database {
 public:
  enum class Mode : std::uint8_t {
    create,  ///< To read and write. The file is made if there is none.
    /// A copy in memory, so that reading takes no right to write and leaves no file beside this
    /// one. If there is no file, that is an error of the caller: std::invalid_argument.
    read,
  };

  Database(const std::filesystem::path& file, Mode mode);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  /// One or several statements whose rows nobody wants.
  void execute(const std::string& statements);
  /// The first column of the first row, of a statement that has one.
  std::int64_t integer(const std::string& statement);

  /// Whatever is committed from here on outlives the process and the machine: it is synced, and so
  /// is the removal of the rollback journal (sqlite.org/pragma.html#pragma_synchronous). With that
  /// journal, unlike with a write-ahead log, a reader needs no right to write.
  void sync_commits();

  [[noreturn]] void fail(int code) const;

 private:
  friend class Statement;

  /// `address` is what SQLite opens; `name` is for errors.
  Database(std::string name, const std::string& address, int access);
  void take_all_of(const std::filesystem::path& file);

  std::string name_;
  sqlite3* handle_ = nullptr;
};

/// Borrows the database. Parameters count from 1, columns from 0, as in SQLite.
class Statement {
 public:
  Statement(Database& database, std::string_view text);
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  Statement& bind(int parameter, std::string_view text);
  Statement& bind(int parameter, std::int64_t value);
  Statement& bind(int parameter, std::optional<double> value);
  Statement& bind(int parameter, const std::optional<std::string>& text);

  /// Whether there is a row now; its columns are valid until the next step.
  bool step();
  /// To be stepped again, with other parameters.
  void reset();

  std::string text(int column) const;
  std::int64_t integer(int column) const;
  std::optional<double> number(int column) const;

 private:
  void check(int code);

  Database& database_;
  sqlite3_stmt* handle_ = nullptr;
};

/// The writer's lock from the beginning on, so that what is read within it stays true. Without
/// `commit`, all is undone.
class Transaction {
 public:
  explicit Transaction(Database& database);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();

  /// On the disk when it returns.
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace contend::history
