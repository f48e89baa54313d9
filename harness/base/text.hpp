// Names, reasons and numbers as each place wants them written: the terminal, and each format. They
// come from outside, so that anything may be in them, and every writer passes them through here.
// What a format can't hold becomes U+FFFD. It knows no format's structure.
//   xml_text("a < b")        // a &lt; b
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace contend {

/// All of these take UTF-8; a byte that is none becomes U+FFFD. None of them throws.

/// Words on one line of a terminal: what moves the cursor, changes colours, ends the line or
/// reverses the direction of writing is spelt out, such as \\x1b for the escape character.
std::string terminal_text(std::string_view text);

/// The content of an XML element or of an attribute between double quotes: markup, and white space
/// that a reader would change, as references (XML 1.0, 2.2 and 3.3.3).
std::string xml_text(std::string_view text);

/// Words for a cell of a spreadsheet, which takes what begins with = + - @, a tab or a carriage
/// return for a formula: an apostrophe goes before these (OWASP, "CSV Injection"). Control
/// characters but tabs and line ends become U+FFFD.
std::string spreadsheet_text(std::string_view text);

/// A field of CSV that holds spreadsheet_text(text), in quotes where it has to be (RFC 4180,
/// section 2). Numbers that contend has found itself are written without it: their minus is no
/// formula.
std::string csv_field(std::string_view text);

/// The value of a label between double quotes (OpenMetrics 1.0, "Escaping"). Control characters but
/// line ends become U+FFFD.
std::string label_value(std::string_view text);

/// Words on one line, also within a table: nothing in them is markup (GitHub Flavored Markdown
/// 0.29, 6.2: a reference to a character is never structure) or a link.
std::string markdown_text(std::string_view text);

/// A name in a monospaced face, on one line, also within a table.
std::string markdown_code(std::string_view text);

/// A double-quoted scalar of YAML 1.2 (section 7.3.1), with its quotes.
std::string yaml_string(std::string_view text);

/// At most `most` bytes of it, which are at least 32: where there are more, the end is replaced by
/// a hash of all, so that different names stay different, and no character is cut.
std::string limited(std::string_view text, std::size_t most);

/// The shortest decimal that reads back as the same. `value` is finite.
std::string number(double value);

}  // namespace contend
