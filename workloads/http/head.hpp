// What a server has to know of a request's head, noted as llhttp comes by it, in pieces cut
// anywhere. Not the parsing: names, values and targets have been checked by their characters.
#pragma once

#include <llhttp.h>

#include <array>
#include <cstdint>
#include <string_view>

namespace contend {

/// White space within a line, RFC 9110 section 5.6.3.
inline bool is_space(char c) {
  return c == ' ' || c == '\t';
}

/// Those methods that every server knows (RFC 9110, RFC 5789), whether it allows them or not.
bool is_recognized(llhttp_method_t method);

class RequestHead {
 public:
  void read_target(std::string_view piece, llhttp_method_t method);
  void end_target();
  void read_field_name(std::string_view piece) { capture(piece); }
  /// In lower case; NUL before anything of the name has come.
  char first_of_field_name() const { return capture_size_ > 0 ? capture_[0] : '\0'; }
  /// Fields of the trailers are not heeded.
  void end_field_name(bool in_trailers);
  void read_field_value(std::string_view piece);
  void end_field_value();
  /// Something is wrong in a way that llhttp allows.
  void note_bad_syntax() { bad_syntax_ = true; }
  bool has_bad_syntax() const { return bad_syntax_; }

  /// The status that refuses the complete head, or 0. `llhttp` has what it read of it.
  int refusal(const llhttp_t& llhttp) const;

  /// Without the query; "/" where an absolute target has none; "*" as it is. Cut off after 32
  /// characters, more than any path has that the server knows.
  std::string_view path() const { return {path_.data(), path_size_}; }
  std::uint32_t target_bytes() const { return target_bytes_; }  ///< Read so far, all of it.
  bool expects_continue() const { return expects_continue_; }

 private:
  enum class Field : std::uint8_t { other, host, expect, transfer_encoding };
  enum class Target : std::uint8_t {
    start,
    scheme,
    first_slash,
    second_slash,
    authority,
    path,
    query,
    as_is,
  };

  void read_target_character(char c, llhttp_method_t method);
  void append_to_path(char c);
  void read_host(std::string_view piece);
  void capture(std::string_view piece);
  bool captured(std::string_view lower_case) const;

  std::uint32_t target_bytes_ = 0;
  Field field_ = Field::other;
  Target target_ = Target::start;
  std::uint8_t path_size_ = 0;
  std::uint8_t capture_size_ = 0;
  std::uint8_t hosts_ = 0;  // Host fields, at most 2
  bool bad_syntax_ = false;
  bool bad_target_ = false;
  bool bad_host_ = false;
  bool host_ended_ = false;  // white space came after the host
  bool expects_continue_ = false;
  bool expects_other_ = false;
  bool has_codings_ = false;         // a Transfer-Encoding came
  bool has_unknown_coding_ = false;  // that is not "chunked"
  std::array<char, 32> path_;        // the scheme and the authority, while these are read
  std::array<char, 20> capture_;     // of a field's name, then of its value
};

}  // namespace contend
