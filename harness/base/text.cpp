// Names, reasons and numbers as each format wants them written.
#include "harness/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace contend {
namespace {

constexpr char32_t replacement = 0xFFFD;

bool continues(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

/// The next character, which is taken off `text`. Overlong forms and surrogates are no characters
/// (RFC 3629, section 3).
char32_t next(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  std::size_t more = 0;
  if (first >= 0xF0 && first < 0xF8)
    more = 3;
  else if (first >= 0xE0)
    more = 2;
  else if (first >= 0xC0)
    more = 1;
  char32_t code = more == 0 ? first : first & (0x3FU >> more);
  const bool whole = first < 0xF8 && (more > 0 || first < 0x80) && text.size() > more &&
                     std::ranges::all_of(text.substr(1, more), continues);
  if (whole)
    for (const char byte : text.substr(1, more))
      code = code << 6 | (static_cast<unsigned char>(byte) & 0x3FU);
  constexpr char32_t least[] = {0, 0x80, 0x800, 0x10000};
  const bool right =
      whole && code >= least[more] && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
  text.remove_prefix(right ? more + 1 : 1);
  return right ? code : replacement;
}

void append(char32_t code, std::string& to) {
  const auto byte = [&](char32_t bits) { to += static_cast<char>(bits); };
  const auto tail = [&](unsigned shift) { byte(0x80 | (code >> shift & 0x3F)); };
  if (code < 0x80) return byte(code);
  if (code < 0x800) {
    byte(0xC0 | code >> 6);
  } else if (code < 0x10000) {
    byte(0xE0 | code >> 12);
    tail(6);
  } else {
    byte(0xF0 | code >> 18);
    tail(12);
    tail(6);
  }
  tail(0);
}

/// What `write(code, to)` makes of each character.
template <typename Write>
std::string translated(std::string_view text, Write write) {
  std::string to;
  to.reserve(text.size());
  while (!text.empty()) write(next(text), to);
  return to;
}

/// "Char" of XML 1.0, 2.2, without those that it advises against: control characters are nothing
/// that a name needs.
bool in_xml(char32_t code) {
  if (code < 0x20) return code == '\t' || code == '\n' || code == '\r';
  return (code < 0x7F || code > 0x9F) && code != 0xFFFE && code != 0xFFFF;
}

bool is_letter_or_digit(char32_t code) {
  return (code >= '0' && code <= '9') || (code >= 'A' && code <= 'Z') ||
         (code >= 'a' && code <= 'z');
}

bool is_control(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0x2028 || code == 0x2029;
}

/// Changes the direction of the text after it, so that it may read as something else (Unicode
/// Standard Annex 9, 2).
bool is_bidirectional(char32_t code) {
  return code == 0x061C || code == 0x200E || code == 0x200F || (code >= 0x202A && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069);
}

/// One that Markdown or HTML may take for markup, also that of links without brackets.
bool marks_up(char32_t code) {
  return code < 0x80 && std::string_view("!\"#$&'*<>@[\\]^_`{|}~").find(static_cast<char>(code)) !=
                            std::string_view::npos;
}

/// A character that is no structure where it stands; links to people, issues and addresses are
/// found once it has been read, but not across a comment.
std::string reference(char32_t code) {
  return fmt::format("&#{};{}", static_cast<unsigned>(code),
                     code == '@' || code == '#' ? "<!---->" : "");
}

std::uint64_t fnv1a(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;  // http://www.isthe.com/chongo/tech/comp/fnv/
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace

std::string terminal_text(std::string_view text) {
  return translated(text, [](char32_t code, std::string& to) {
    const auto number = static_cast<unsigned>(code);
    if (is_control(code) || is_bidirectional(code))
      to += code < 0x100 ? fmt::format("\\x{:02x}", number) : fmt::format("\\u{:04x}", number);
    else
      append(code, to);
  });
}

std::string xml_text(std::string_view text) {
  return translated(text, [](char32_t code, std::string& to) {
    switch (code) {
      case '&': to += "&amp;"; break;
      case '<': to += "&lt;"; break;
      case '>': to += "&gt;"; break;
      case '"': to += "&quot;"; break;
      case '\t':
      case '\n':
      case '\r': to += fmt::format("&#{};", static_cast<unsigned>(code)); break;
      default: append(in_xml(code) ? code : replacement, to);
    }
  });
}

std::string spreadsheet_text(std::string_view text) {
  const std::string kept = translated(text, [](char32_t code, std::string& to) {
    const bool is_kept = !is_control(code) || code == '\t' || code == '\n' || code == '\r';
    append(is_kept ? code : replacement, to);
  });
  return (kept.find_first_of("=+-@\t\r") == 0 ? "'" : "") + kept;
}

std::string csv_field(std::string_view text) {
  std::string field;
  for (const char c : spreadsheet_text(text)) field.append(c == '"' ? 2 : 1, c);
  const bool spaced = !field.empty() && (field.front() == ' ' || field.back() == ' ');
  if (!spaced && field.find_first_of(",\"\r\n") == std::string::npos) return field;
  return '"' + field + '"';
}

std::string label_value(std::string_view text) {
  return translated(text, [](char32_t code, std::string& to) {
    switch (code) {
      case '\\': to += R"(\\)"; break;
      case '"': to += R"(\")"; break;
      case '\n': to += R"(\n)"; break;
      default: append(is_control(code) ? replacement : code, to);
    }
  });
}

std::string markdown_text(std::string_view text) {
  std::string to;
  char32_t before = 0;
  while (!text.empty()) {
    const bool link = text.starts_with("://") || text.starts_with("www.");
    const char32_t code = next(text);
    // Within a word it emphasizes nothing (GitHub Flavored Markdown 0.29, 6.4).
    const bool in_word = code == '_' && is_letter_or_digit(before) && !text.empty() &&
                         is_letter_or_digit(static_cast<unsigned char>(text.front()));
    before = code;
    if (is_control(code))
      to += ' ';
    else if (link || (marks_up(code) && !in_word))
      to += reference(code);
    else
      append(code, to);
  }
  return to;
}

std::string markdown_code(std::string_view text) {
  const bool simple = !text.empty() && text.front() != ' ' && text.back() != ' ' &&
                      std::ranges::all_of(text, [](char c) {
                        return c >= 0x20 && c < 0x7F && c != '`' && c != '|' && c != '\\';
                      });
  if (simple) return fmt::format("`{}`", text);
  return "<code>" +
         translated(text,
                    [](char32_t code, std::string& to) {
                      if (is_control(code))
                        to += ' ';
                      else if (code >= 0x80 || code == ' ' || is_letter_or_digit(code))
                        append(code, to);
                      else
                        to += reference(code);
                    }) +
         "</code>";
}

std::string yaml_string(std::string_view text) {
  return '"' +
         translated(text,
                    [](char32_t code, std::string& to) {
                      const auto number = static_cast<unsigned>(code);
                      if (code == '"' || code == '\\')
                        to += '\\', append(code, to);
                      else if (code < 0x20 || (code >= 0x7F && code <= 0xA0))
                        to += fmt::format("\\x{:02x}", number);
                      else if (code == 0x2028 || code == 0x2029 || code == 0xFEFF ||
                               (code & 0xFFFE) == 0xFFFE)
                        to += fmt::format("\\U{:08x}", number);
                      else
                        append(code, to);
                    }) +
         '"';
}

std::string limited(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  const std::string hash = fmt::format("~{:016x}", fnv1a(text));
  std::size_t kept = most - hash.size();
  while (kept > 0 && continues(text[kept])) --kept;
  return std::string(text.substr(0, kept)) + hash;
}

std::string number(double value) {
  return fmt::format("{}", value);
}

}  // namespace contend
