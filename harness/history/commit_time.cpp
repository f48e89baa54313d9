// The time of a commit in the one form that results have.
#include "harness/history/commit_time.hpp"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <stdexcept>

#include "harness/base/json.hpp"

namespace contend::history {
namespace {

constexpr std::size_t max_decimals = 9;

/// Takes it from the front of `text`, piece by piece; a piece that is not there ends it.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool take(char wanted) {
    if (text_.empty() || text_.front() != wanted) return false;
    text_.remove_prefix(1);
    return true;
  }
  /// Just so many digits.
  std::optional<int> number(std::size_t digits) {
    int value = 0;
    const std::string_view piece = text_.substr(0, digits);
    if (piece.size() < digits) return std::nullopt;
    for (const char c : piece) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + (c - '0');
    }
    text_.remove_prefix(digits);
    return value;
  }
  std::string_view digits() {
    const std::string_view piece = text_.substr(0, text_.find_first_not_of("0123456789"));
    text_.remove_prefix(piece.size());
    return piece;
  }
  bool at_end() const { return text_.empty(); }

 private:
  std::string_view text_;
};

/// "+01:00", "-0500" or "Z".
std::optional<std::chrono::minutes> offset_in(Reader& reader) {
  if (reader.take('Z')) return std::chrono::minutes(0);
  const bool before = reader.take('-');
  if (!before && !reader.take('+')) return std::nullopt;
  const auto hours = reader.number(2);
  reader.take(':');
  const auto minutes = reader.number(2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const std::chrono::minutes offset(*hours * 60 + *minutes);
  return before ? -offset : offset;
}

std::optional<std::string> parsed(std::string_view text) {
  Reader reader(text);
  const auto year = reader.number(4);
  if (!year || !reader.take('-')) return std::nullopt;
  const auto month = reader.number(2);
  if (!month || !reader.take('-')) return std::nullopt;
  const auto day = reader.number(2);
  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(day.value_or(0))));
  if (!date.ok() || !reader.take('T')) return std::nullopt;
  const auto hour = reader.number(2);
  if (!hour || *hour > 23 || !reader.take(':')) return std::nullopt;
  const auto minute = reader.number(2);
  if (!minute || *minute > 59 || !reader.take(':')) return std::nullopt;
  const auto second = reader.number(2);
  if (!second || *second > 59) return std::nullopt;
  std::string decimals;
  if (reader.take('.')) {
    decimals = reader.digits();
    if (decimals.empty() || decimals.size() > max_decimals) return std::nullopt;
  }
  const auto offset = offset_in(reader);
  if (!offset || !reader.at_end()) return std::nullopt;
  const std::chrono::sys_seconds moment = std::chrono::sys_days(date) + std::chrono::hours(*hour) +
                                          std::chrono::minutes(*minute) +
                                          std::chrono::seconds(*second) - *offset;
  const auto midnight = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::year_month_day utc(midnight);
  const std::chrono::hh_mm_ss clock(moment - midnight);
  const int utc_year = static_cast<int>(utc.year());
  if (utc_year < 0 || utc_year > 9999) return std::nullopt;
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}{}Z", utc_year,
                     static_cast<unsigned>(utc.month()), static_cast<unsigned>(utc.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     decimals.empty() ? "" : ".", decimals);
}

}  // namespace

std::string utc_time(std::string_view text, std::string_view where) {
  if (const auto time = parsed(text)) return *time;
  throw std::invalid_argument(fmt::format("{}: must be a time such as 2026-11-26T08:15:00Z, not {}",
                                          where, quote_for_display(text)));
}

}  // namespace contend::history
