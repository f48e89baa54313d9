// A line that says where a long run is.
#include "harness/base/live_line.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "harness/base/text.hpp"

namespace contend {
namespace {

constexpr Duration between_lines = std::chrono::seconds(10);
constexpr Duration between_rewrites = std::chrono::milliseconds(100);

}  // namespace

LiveLine::LiveLine(std::FILE* stream)
    : stream_(stream), rewrites_(stream != nullptr && isatty(fileno(stream)) != 0) {}

bool LiveLine::is_due() const {
  const Duration pause = rewrites_ ? between_rewrites : between_lines;
  return stream_ != nullptr && (shown_ == TimePoint{} || Clock::now() - shown_ >= pause);
}

void LiveLine::show(const std::string& text) {
  if (!is_due()) return;
  shown_ = Clock::now();
  // A terminal of 80 columns must not wrap the line that is to be rewritten.
  if (rewrites_)
    fmt::print(stream_, "\r{:.79}\x1b[K", terminal_text(text));
  else
    fmt::print(stream_, "{}\n", terminal_text(text));
  std::fflush(stream_);
}

void LiveLine::clear() {
  if (rewrites_ && shown_ != TimePoint{}) std::fputs("\r\x1b[K", stream_);
  shown_ = TimePoint{};
}

}  // namespace contend
