// The live line.
#include "harness/bench/progress.hpp"

#include <fmt/format.h>

namespace contend {

std::string text_of(Duration duration) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(duration).count();
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3600) return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
  return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

Progress::Progress(const std::vector<Cell>& cells, const std::vector<unsigned>& samples_left,
                   unsigned rounds, std::FILE* stream)
    : rounds_(rounds), line_(stream) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    cells_.push_back({cells[i].id(), estimate(cells[i]), samples_left.at(i)});
    samples_ += samples_left[i];
  }
}

void Progress::begin(unsigned round, std::size_t cell) {
  began_ = Clock::now();
  if (!line_.is_due()) return;
  line_.show(fmt::format("round {}/{}  sample {}/{}{}  {} left  {}", round + 1, rounds_, done_ + 1,
                         samples_, failed_ > 0 ? fmt::format("  {} failed", failed_) : "",
                         text_of(left()), cells_[cell].id));
}

void Progress::end(std::size_t cell, const Sample& sample) {
  cells_[cell].each = Clock::now() - began_;
  cells_[cell].left -= 1;
  done_ += 1;
  if (sample.status == Sample::Status::failed) failed_ += 1;
}

Duration Progress::left() const {
  Duration sum{};
  for (const Expected& cell : cells_) sum += cell.each * cell.left;
  return sum;
}

}  // namespace contend
