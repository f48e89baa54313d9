// Lines and blocks.
#include "harness/load/request/requests_file.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "harness/base/json.hpp"
#include "workloads/number.hpp"

namespace contend::load {
namespace {

constexpr std::string_view block_mark = "###";
constexpr std::uint32_t max_weight = 1'000'000;

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r") == std::string_view::npos;
}

/// What is left of `text` up to the next blank, which is taken from it with the blanks around.
std::string_view take_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  const std::string_view word = text.substr(0, text.find_first_of(" \t"));
  text.remove_prefix(word.size());
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  return word;
}

/// The text, line by line.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  bool more() const { return !rest_.empty(); }
  /// The next one, without its end, which may be CR LF.
  std::string_view peek() const {
    const std::string_view line = rest_.substr(0, rest_.find('\n'));
    return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
  }
  std::string_view take() {
    const std::string_view line = peek();
    const std::size_t end = rest_.find('\n');
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    number_ += 1;
    return line;
  }
  /// Everything before the next block, as it is, but for its last end of a line.
  std::string_view take_until_mark() {
    const char* const begin = rest_.data();
    std::size_t size = 0;
    while (more() && !peek().starts_with(block_mark)) {
      take();
      size = static_cast<std::size_t>(rest_.data() - begin);
    }
    std::string_view taken(begin, size);
    if (taken.ends_with('\n')) taken.remove_suffix(1);
    if (taken.ends_with('\r')) taken.remove_suffix(1);
    return taken;
  }

  [[noreturn]] void refuse(std::string_view why) const {
    throw std::invalid_argument(fmt::format("line {} of the requests: {}", number_, why));
  }

 private:
  std::string_view rest_;
  std::size_t number_ = 0;
};

std::uint32_t weight_of(std::string_view word, const Lines& lines) {
  const auto weight = parse_number<std::uint32_t>(word);
  if (!weight || *weight == 0 || *weight > max_weight)
    lines.refuse(fmt::format("{} is no weight from 1 to 1,000,000", quote_for_display(word)));
  return *weight;
}

/// Of a line whose weight is gone; takes method and path from it.
RequestSpec request_of(std::string_view& line, const Lines& lines) {
  RequestSpec request{.method = std::string(take_word(line)), .has_places = true};
  request.path = take_word(line);
  if (!request.path->starts_with('/'))
    lines.refuse(
        fmt::format("{} is no path; write METHOD /PATH", quote_for_display(*request.path)));
  return request;
}

RequestSpec parse_line(const Lines& lines, std::string_view line) {
  std::uint32_t weight = 1;
  if (line.front() >= '0' && line.front() <= '9') weight = weight_of(take_word(line), lines);
  RequestSpec request = request_of(line, lines);
  request.weight = weight;
  if (!line.empty()) request.body = line;
  return request;
}

RequestSpec parse_block(Lines& lines) {
  std::string_view mark = lines.take().substr(block_mark.size());
  const std::uint32_t weight = is_blank(mark) ? 1 : weight_of(take_word(mark), lines);
  if (!is_blank(mark))
    lines.refuse(fmt::format("{} is too much behind ###", quote_for_display(mark)));
  if (!lines.more()) lines.refuse("a block has no request; write METHOD /PATH below ###");
  std::string_view line = lines.take();
  RequestSpec request = request_of(line, lines);
  request.weight = weight;
  if (!is_blank(line)) lines.refuse("a body comes after an empty line");
  while (lines.more() && !is_blank(lines.peek()) && !lines.peek().starts_with(block_mark))
    request.fields.emplace_back(lines.take());
  if (lines.more() && is_blank(lines.peek())) {
    lines.take();
    if (const std::string_view body = lines.take_until_mark(); !body.empty()) request.body = body;
  }
  return request;
}

}  // namespace

std::vector<RequestSpec> parse_requests(std::string_view text) {
  std::vector<RequestSpec> requests;
  Lines lines(text);
  const auto add = [&](RequestSpec request) {
    if (requests.size() == max_requests_in_file)
      lines.refuse(fmt::format("there are more than {} requests", max_requests_in_file));
    requests.push_back(std::move(request));
  };
  while (lines.more() && !lines.peek().starts_with(block_mark)) {
    std::string_view line = lines.take();
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (!is_blank(line) && !line.starts_with('#')) add(parse_line(lines, line));
  }
  while (lines.more()) add(parse_block(lines));
  if (requests.empty()) lines.refuse("there is no request; write METHOD /PATH");
  return requests;
}

}  // namespace contend::load
