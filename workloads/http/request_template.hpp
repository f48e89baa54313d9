// A request's bytes, some of which may differ from one request to the next. It knows of no weights
// and of no files.
//   RequestTemplate::parse("GET /items/{rand:1:1000} HTTP/1.1\r\n", std::nullopt)
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/split_mix.hpp"

namespace contend {

class RequestTemplate {
 public:
  /// The same bytes each time.
  RequestTemplate(std::string bytes);  // NOLINT(google-explicit-constructor): it is one
  /// The same each time: a head without the empty line that ends it, and a body, or none; with one,
  /// its length is added to the head as Content-Length.
  RequestTemplate(std::string_view head, std::optional<std::string_view> body);

  /// A head and a body of that kind, where these are places for what differs: {seq}, the
  /// request's number; {conn}, its connection's; {rand:LOW:HIGH}, a random integer from LOW to
  /// HIGH. Other braces stand for themselves, but for those in the first line. Throws
  /// std::invalid_argument that names what is no place.
  static RequestTemplate parse(std::string_view head, std::optional<std::string_view> body);

  bool is_constant() const { return is_constant_; }
  /// Whether there is a {seq}.
  bool is_numbered() const { return is_numbered_; }

  /// What stands in the places of one request.
  struct Values {
    std::uint64_t sequence = 0;
    std::uint32_t connection = 0;
  };
  /// Appends a request to `bytes`; takes as many numbers from `random` as there are {rand}.
  void append_to(std::string& bytes, const Values& values, SplitMix& random) const;

 private:
  struct Piece {
    enum class Kind : std::uint8_t { literal, sequence, connection, random, body_length };
    Kind kind = Kind::literal;
    std::string text{};
    std::int64_t low = 0, high = 0;
  };
  using Pieces = std::vector<Piece>;

  RequestTemplate() = default;
  void end_head(bool has_body);
  static Pieces parse_pieces(std::string_view text, std::size_t strict_bytes);
  static std::optional<Piece> place(std::string_view words);
  static void append(const Pieces& pieces, std::string& bytes, const Values& values,
                     SplitMix& random, std::size_t body_bytes);

  Pieces head_, body_;
  bool is_constant_ = true, is_numbered_ = false;
};

}  // namespace contend
