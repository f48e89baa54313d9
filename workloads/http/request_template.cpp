// Templates are cut into pieces once, and each request is put together from them.
#include "workloads/http/request_template.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "workloads/number.hpp"

namespace contend {
namespace {

[[noreturn]] void refuse(std::string_view place) {
  throw std::invalid_argument(
      fmt::format("{:?} is no place in a request; write {{seq}}, {{conn}}, or {{rand:LOW:HIGH}} "
                  "with LOW at most HIGH",
                  place));
}

}  // namespace

RequestTemplate::RequestTemplate(std::string bytes) : head_{{.text = std::move(bytes)}} {}

RequestTemplate::RequestTemplate(std::string_view head, std::optional<std::string_view> body)
    : head_{{.text = std::string(head)}} {
  if (body) body_.push_back({.text = std::string(*body)});
  end_head(body.has_value());
}

RequestTemplate RequestTemplate::parse(std::string_view head,
                                       std::optional<std::string_view> body) {
  RequestTemplate result;
  // No target holds a brace (RFC 3986, section 2).
  result.head_ = parse_pieces(head, head.find("\r\n"));
  if (body) result.body_ = parse_pieces(*body, 0);
  for (const Pieces* const pieces : {&result.head_, &result.body_})
    for (const Piece& piece : *pieces) {
      result.is_constant_ &= piece.kind == Piece::Kind::literal;
      result.is_numbered_ |= piece.kind == Piece::Kind::sequence;
    }
  result.end_head(body.has_value());
  return result;
}

void RequestTemplate::end_head(bool has_body) {
  if (has_body) {
    head_.push_back({.text = "Content-Length: "});
    head_.push_back({.kind = Piece::Kind::body_length});
    head_.push_back({.text = "\r\n"});
  }
  head_.push_back({.text = "\r\n"});
}

/// What may hold braces of its own, as JSON does, begins after `strict_bytes`; before it, a
/// misspelt place is noticed.
RequestTemplate::Pieces RequestTemplate::parse_pieces(std::string_view text,
                                                      std::size_t strict_bytes) {
  Pieces pieces;
  std::size_t literal = 0;
  const auto end_literal = [&](std::size_t at) {
    if (at > literal) pieces.push_back({.text = std::string(text.substr(literal, at - literal))});
  };
  for (std::size_t open = text.find('{'); open != std::string_view::npos;
       open = text.find('{', open + 1)) {
    const std::size_t close = text.find('}', open);
    const std::string_view whole =
        text.substr(open, close == std::string_view::npos ? close : close - open + 1);
    std::optional<Piece> found;
    if (close != std::string_view::npos) found = place(whole.substr(1, whole.size() - 2));
    if (!found && (open < strict_bytes || whole.starts_with("{rand:"))) refuse(whole.substr(0, 40));
    if (!found) continue;
    end_literal(open);
    pieces.push_back(std::move(*found));
    literal = close + 1;
  }
  end_literal(text.size());
  return pieces;
}

std::optional<RequestTemplate::Piece> RequestTemplate::place(std::string_view words) {
  if (words == "seq") return Piece{.kind = Piece::Kind::sequence};
  if (words == "conn") return Piece{.kind = Piece::Kind::connection};
  constexpr std::string_view random = "rand:";
  if (!words.starts_with(random)) return std::nullopt;
  words.remove_prefix(random.size());
  const std::size_t colon = words.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto low = parse_number<std::int64_t>(words.substr(0, colon)),
             high = parse_number<std::int64_t>(words.substr(colon + 1));
  if (!low || !high || *low > *high) return std::nullopt;
  return Piece{.kind = Piece::Kind::random, .low = *low, .high = *high};
}

/// The body comes after its length, and is made before it: it is put where the head will begin, and
/// then moved behind that.
void RequestTemplate::append_to(std::string& bytes, const Values& values, SplitMix& random) const {
  const std::size_t begin = bytes.size();
  append(body_, bytes, values, random, 0);
  const std::size_t body_bytes = bytes.size() - begin;
  append(head_, bytes, values, random, body_bytes);
  const auto at = [&](std::size_t offset) {
    return bytes.begin() + static_cast<std::ptrdiff_t>(offset);
  };
  std::rotate(at(begin), at(begin + body_bytes), bytes.end());
}

void RequestTemplate::append(const Pieces& pieces, std::string& bytes, const Values& values,
                             SplitMix& random, std::size_t body_bytes) {
  const auto out = std::back_inserter(bytes);
  for (const Piece& piece : pieces) switch (piece.kind) {
      case Piece::Kind::literal: bytes += piece.text; break;
      case Piece::Kind::sequence: fmt::format_to(out, "{}", values.sequence); break;
      case Piece::Kind::connection: fmt::format_to(out, "{}", values.connection); break;
      case Piece::Kind::body_length: fmt::format_to(out, "{}", body_bytes); break;
      case Piece::Kind::random:
        fmt::format_to(out, "{}", std::uniform_int_distribution(piece.low, piece.high)(random));
        break;
    }
}

}  // namespace contend
