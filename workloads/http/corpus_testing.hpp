// For tests: corpus.json, what a client may send to the http server and what it has to get. It
// is played to sessions without sockets (http_test.cpp), to every engine over sockets
// (engines/conformance_http_test.cpp), and to the session in Python (test_http_session.py). Fields:
//   request   The bytes, one a character: a text, or a list of texts and of [TEXT, TIMES].
//   answers   In order: "STATUS BODY"; "STATUS" alone where the body repeats the status line, or
//             for 100. With "HEAD " before it, the body does not come.
//   closes    true: The server closes the connection after the last answer.
//   length    The Content-Length of the last answer, where the body is not written out.
//   allow     The field Allow of the last answer.
#pragma once

#include <fmt/format.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace contend::http_testing {

struct CorpusCase {
  std::string name;
  std::string request;
  std::string response;  ///< All answers, to the byte.
  bool closes = false;
  bool is_refused = false;  ///< The last answer is a refusal.
};

/// The bytes that `text`, of characters up to U+00FF in UTF-8, stands for.
inline std::string latin1(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    bytes += byte < 0x80 ? text[i] : static_cast<char>(byte << 6 | (text[++i] & 0x3f));
  }
  return bytes;
}

inline std::string request_of(const nlohmann::json& written) {
  if (written.is_string()) return latin1(written.get<std::string>());
  std::string bytes;
  for (const nlohmann::json& part : written) {
    const bool is_repeated = part.is_array();
    const std::string text = latin1((is_repeated ? part.at(0) : part).get<std::string>());
    for (std::size_t i = is_repeated ? part.at(1).get<std::size_t>() : 1; i > 0; --i) bytes += text;
  }
  return bytes;
}

inline std::string status_line_of(const std::string& status) {
  static const std::map<std::string, std::string> lines{
      {"100", "100 Continue"},
      {"200", "200 OK"},
      {"400", "400 Bad Request"},
      {"404", "404 Not Found"},
      {"405", "405 Method Not Allowed"},
      {"413", "413 Content Too Large"},
      {"414", "414 URI Too Long"},
      {"417", "417 Expectation Failed"},
      {"431", "431 Request Header Fields Too Large"},
      {"501", "501 Not Implemented"},
      {"505", "505 HTTP Version Not Supported"},
  };
  return lines.at(status);
}

/// The bytes of `answer` with these fields; `length` where the body is not written out.
inline std::string response_of(std::string_view answer, std::size_t length,
                               std::string_view fields) {
  const bool is_head = answer.starts_with("HEAD ");
  if (is_head) answer.remove_prefix(5);
  const std::string line = status_line_of(std::string(answer.substr(0, 3)));
  if (line.starts_with("100")) return "HTTP/1.1 " + line + "\r\n\r\n";
  const std::string body = answer.size() == 3 ? line : latin1(answer.substr(4));
  return fmt::format("HTTP/1.1 {}\r\nContent-Length: {}\r\nContent-Type: text/plain\r\n{}\r\n{}",
                     line, std::max(length, body.size()), fields, is_head ? "" : body);
}

inline CorpusCase corpus_case(const nlohmann::json& entry) {
  CorpusCase made{.name = entry.at("name"),
                  .request = request_of(entry.at("request")),
                  .response = {},
                  .closes = entry.value("closes", false)};
  const std::vector<std::string> answers = entry.at("answers");
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const bool is_last = i + 1 == answers.size();
    std::string fields;
    if (is_last && entry.contains("allow"))
      fields += fmt::format("Allow: {}\r\n", entry.at("allow").get<std::string>());
    if (is_last && made.closes)
      fields += "Connection: close\r\n";
    else if (made.request.find("HTTP/1.0") != std::string::npos)
      fields += "Connection: keep-alive\r\n";
    made.response += response_of(answers[i], is_last ? entry.value("length", 0U) : 0, fields);
  }
  const std::string& last = answers.back();
  made.is_refused = last.find("200") == last.npos;
  return made;
}

/// Throws where the file is not as it is said above.
inline std::vector<CorpusCase> read_http_corpus() {
  std::ifstream file(CONTEND_SOURCE_DIR "/workloads/http/corpus.json");
  std::vector<CorpusCase> all;
  for (const nlohmann::json& entry : nlohmann::json::parse(file)) all.push_back(corpus_case(entry));
  return all;
}

}  // namespace contend::http_testing
