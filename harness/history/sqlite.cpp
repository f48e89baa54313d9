// SQLite's C interface with owners.
#include "harness/history/sqlite.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <stdexcept>
#include <thread>
#include <utility>

namespace contend::history {
namespace {

namespace fs = std::filesystem;

constexpr int all_pages = -1;

/// SQLite's extended codes have the plain one in their last byte.
constexpr int plain(int code) {
  return code & 0xff;
}

}  // namespace

Database::Database(const fs::path& file, Mode mode)
    : Database(file.string(), mode == Mode::read ? ":memory:" : file.string(),
               SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) {
  if (mode == Mode::read) take_all_of(file);
}

Database::Database(std::string name, const std::string& address, int access)
    : name_(std::move(name)) {
  const int code = sqlite3_open_v2(address.c_str(), &handle_,
                                   access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  if (code != SQLITE_OK) {
    const std::string why = sqlite3_errstr(code);
    sqlite3_close_v2(handle_);
    throw std::runtime_error(fmt::format("opening {}: {}", name_, why));
  }
  sqlite3_busy_timeout(handle_, static_cast<int>(patience_with_writers.count()));
}

void Database::take_all_of(const fs::path& file) {
  if (!fs::is_regular_file(file))
    throw std::invalid_argument(
        fmt::format("there is no file {}; contend history add makes one", name_));
  // A journal is there while another process writes, or since one was killed at that. What it had
  // begun is undone first, which takes write access (sqlite.org/lockingv3.html, "Hot Journals").
  const bool may_need_undoing = fs::exists(name_ + "-journal");
  const Database source(name_, name_,
                        may_need_undoing ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
  sqlite3_backup* const backup = sqlite3_backup_init(handle_, "main", source.handle_, "main");
  const int code =
      backup == nullptr ? sqlite3_errcode(handle_) : sqlite3_backup_step(backup, all_pages);
  sqlite3_backup_finish(backup);
  if (plain(code) == SQLITE_READONLY)
    throw std::runtime_error(
        fmt::format("{}: a process was killed while it wrote; run contend history show once as a "
                    "user who may write the file",
                    name_));
  if (code != SQLITE_DONE) fail(code);
}

Database::~Database() {
  sqlite3_close_v2(handle_);
}

void Database::fail(int code) const {
  if (plain(code) == SQLITE_NOTADB)
    throw std::invalid_argument(fmt::format("{}: is no SQLite database", name_));
  if (plain(code) == SQLITE_BUSY)
    throw std::runtime_error(
        fmt::format("{}: another process has kept it for longer than {} s; try again", name_,
                    patience_with_writers.count() / 1000));
  throw std::runtime_error(fmt::format("{}: {}", name_, sqlite3_errmsg(handle_)));
}

void Database::execute(const std::string& statements) {
  const int code = sqlite3_exec(handle_, statements.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code);
}

std::int64_t Database::integer(const std::string& statement) {
  Statement row(*this, statement);
  return row.step() ? row.integer(0) : 0;
}

void Database::sync_commits() {
  // A file of an older contend has a write-ahead log. While the mode changes, SQLite says busy
  // without waiting (sqlite.org/wal.html, "Sometimes Queries Return SQLITE_BUSY In WAL Mode").
  const auto deadline = std::chrono::steady_clock::now() + patience_with_writers;
  for (;;) {
    const int code =
        sqlite3_exec(handle_, "PRAGMA journal_mode = DELETE", nullptr, nullptr, nullptr);
    if (code == SQLITE_OK) break;
    if (plain(code) != SQLITE_BUSY || std::chrono::steady_clock::now() > deadline) fail(code);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  execute("PRAGMA synchronous = EXTRA; PRAGMA foreign_keys = ON");
}

Statement::Statement(Database& database, std::string_view text) : database_(database) {
  check(sqlite3_prepare_v2(database_.handle_, text.data(), static_cast<int>(text.size()), &handle_,
                           nullptr));
}

Statement::~Statement() {
  sqlite3_finalize(handle_);
}

void Statement::check(int code) {
  if (code != SQLITE_OK) database_.fail(code);
}

Statement& Statement::bind(int parameter, std::string_view text) {
  check(sqlite3_bind_text64(handle_, parameter, text.data(), text.size(), SQLITE_TRANSIENT,
                            SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind(int parameter, std::int64_t value) {
  check(sqlite3_bind_int64(handle_, parameter, value));
  return *this;
}

Statement& Statement::bind(int parameter, std::optional<double> value) {
  check(value ? sqlite3_bind_double(handle_, parameter, *value)
              : sqlite3_bind_null(handle_, parameter));
  return *this;
}

Statement& Statement::bind(int parameter, const std::optional<std::string>& text) {
  if (text) return bind(parameter, std::string_view(*text));
  check(sqlite3_bind_null(handle_, parameter));
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(handle_);
  if (code != SQLITE_ROW && code != SQLITE_DONE) database_.fail(code);
  return code == SQLITE_ROW;
}

void Statement::reset() {
  check(sqlite3_reset(handle_));
}

std::string Statement::text(int column) const {
  const auto* const begin = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
  return begin == nullptr
             ? std::string()
             : std::string(begin, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column)));
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(handle_, column);
}

std::optional<double> Statement::number(int column) const {
  if (sqlite3_column_type(handle_, column) == SQLITE_NULL) return std::nullopt;
  return sqlite3_column_double(handle_, column);
}

Transaction::Transaction(Database& database) : database_(database) {
  database_.execute("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  if (!open_) return;
  try {
    database_.execute("ROLLBACK");
  } catch (const std::exception&) {  // undone already, as SQLite does after some errors
  }
}

void Transaction::commit() {
  database_.execute("COMMIT");
  open_ = false;
}

}  // namespace contend::history
