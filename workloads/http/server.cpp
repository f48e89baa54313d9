// http: a small HTTP/1.1 server, as bytes in, bytes out, and its listing as a workload. Reading
// requests is parser.hpp's part, the client is client.hpp's. Try it:
//   contend-engine serve epoll http --listen 127.0.0.1:8080
//   curl -i 'http://127.0.0.1:8080/{bytes/100,delay/50,fib/30}'
//   curl -i http://127.0.0.1:8080/ -d 'a body'
// Paths: / (13 bytes; POST is answered with the number of bytes that the body had), /bytes/N,
// /delay/MS (the 13 bytes, MS later), /fib/N (that number). What is refused ends the connection.
// There is no Date field, though an origin server should have one (RFC 9110, section 6.6.1):
// putting the clock into answers is no work of the engines.
#include "workloads/http/server.hpp"

#include <array>
#include <string>

#include <fmt/format.h>

#include "workloads/fib.hpp"
#include "workloads/http/client.hpp"
#include "workloads/http/http.hpp"
#include "workloads/http/parser.hpp"
#include "workloads/number.hpp"

namespace contend {
namespace {

constexpr std::string_view ok = "200 OK";
constexpr std::string_view continue_response = "HTTP/1.1 100 Continue\r\n\r\n";

/// The answer to `GET /` from a client that keeps the connection, as often as many pipelined
/// requests want it, so that it need not be put together anywhere.
constexpr std::string_view text_response =
    "HTTP/1.1 200 OK\r\nContent-Length: 13\r\nContent-Type: text/plain\r\n\r\nHello, world!";
constexpr std::size_t text_responses_at_once = 64;
constexpr auto text_responses = [] {
  std::array<char, text_response.size() * text_responses_at_once> made{};
  for (std::size_t i = 0; i < made.size(); ++i) made[i] = text_response[i % text_response.size()];
  return made;
}();

/// The status line from the code on, and the body, of a refusal.
std::string_view status_text(int status) {
  switch (status) {
    case 400: return "400 Bad Request";
    case 404: return "404 Not Found";
    case 405: return "405 Method Not Allowed";
    case 413: return "413 Content Too Large";
    case 414: return "414 URI Too Long";
    case 417: return "417 Expectation Failed";
    case 431: return "431 Request Header Fields Too Large";
    case 501: return "501 Not Implemented";
    case 505: return "505 HTTP Version Not Supported";
    default: return "500 Internal Server Error";
  }
}

/// In decimal.
class Number {
 public:
  explicit Number(std::uint64_t value)
      : size_(static_cast<std::size_t>(std::to_chars(digits_.begin(), digits_.end(), value).ptr -
                                       digits_.begin())) {}
  std::string_view text() const { return {digits_.data(), size_}; }

 private:
  std::array<char, 20> digits_;
  std::size_t size_;
};

/// What a path and method ask for.
struct Route {
  enum class Kind : std::uint8_t { text, length, bytes, delay, fib, options, none };
  Kind kind = Kind::none;
  std::uint64_t number = 0;
  int refusal = 0;             // a status, or 0
  std::string_view allowed{};  // the field Allow, where that is to be sent
};

/// The number behind `prefix`, where that is all there is and it is within the limits.
bool read_number(std::string_view path, std::string_view prefix, std::uint64_t minimum,
                 std::uint64_t maximum, std::uint64_t& number) {
  constexpr std::size_t max_digits = 10;
  if (!path.starts_with(prefix)) return false;
  path.remove_prefix(prefix.size());
  if (path.empty() || path.size() > max_digits) return false;
  const auto parsed = parse_number<std::uint64_t>(path);
  if (!parsed || *parsed < minimum || *parsed > maximum) return false;
  number = *parsed;
  return true;
}

Route find_route(std::string_view path, llhttp_method_t method) {
  using Kind = Route::Kind;
  Route route{.allowed = "GET, HEAD"};
  if (path == "*")  // the parser lets OPTIONS alone have it
    return {.kind = Kind::options, .allowed = "GET, HEAD, POST, OPTIONS"};
  if (path == "/") {
    route.kind = method == HTTP_POST ? Kind::length : Kind::text;
    route.allowed = "GET, HEAD, POST";
  } else if (read_number(path, "/bytes/", 0, http_bytes_limit, route.number)) {
    route.kind = Kind::bytes;
  } else if (read_number(path, "/delay/", 0, http_delay_limit_ms, route.number)) {
    route.kind = Kind::delay;
  } else if (read_number(path, "/fib/", 1, http_fib_limit, route.number)) {
    route.kind = Kind::fib;
  } else if (method != HTTP_CONNECT) {  // whose target is no path
    return {.refusal = 404};
  }
  const bool allows = method == HTTP_GET || method == HTTP_HEAD || route.kind == Kind::length;
  route.refusal = allows ? 0 : 405;
  return route;
}

/// Gives the memory back, which clear() and assignment don't.
void release(std::string& text) {
  std::string().swap(text);
}

/// Bytes go in through the parser, answers come out in order: in one send where they are small and
/// at hand. What is left of the input, while an answer waits for its time or goes out in several
/// sends, is kept here; the engine hands over no more until then.
class HttpSession final : public Session {
 public:
  Step on_open() override { return {}; }

  Step on_bytes(Bytes bytes) override {
    drop_output();
    return work({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }

  Step on_sent() override {
    drop_output();
    if (out_.capacity() > http_output_kept) release(out_);
    if (is_delayed_) return flush();
    if (body_offset_ == body_size_) return work(std::string_view(input_).substr(input_offset_));
    const std::string_view block = next_block();
    return {.send = as_bytes(block), .then = then()};
  }

 private:
  /// Answers what `input` asks for, as far as that can go out in one step.
  Step work(std::string_view input) {
    using Event = RequestParser::Event;
    while (!is_closing_ && !is_held() && out_.size() < http_output_limit) {
      const Event event = parser_.next(input);
      if (event == Event::incomplete) break;
      if (event == Event::refused) return refuse(parser_.status(), {});
      const Route route = find_route(parser_.path(), parser_.method());
      if (route.refusal != 0) return refuse(route.refusal, route.allowed);
      if (event == Event::complete)
        answer(route);
      else if (parser_.expects_continue())
        append(continue_response);
    }
    keep(input);
    return flush();
  }

  void answer(const Route& route) {
    is_closing_ = !parser_.keep_alive();
    switch (route.kind) {
      case Route::Kind::none: break;
      case Route::Kind::text:
        if (is_plain_get() && out_.empty() && text_count_ < text_responses_at_once)
          ++text_count_;
        else
          respond(http_text);
        break;
      case Route::Kind::length: respond(Number(parser_.body_bytes()).text()); break;
      case Route::Kind::fib: respond(Number(fib(route.number)).text()); break;
      case Route::Kind::bytes:
        begin_response(ok, route.number);
        if (parser_.is_head()) break;
        body_offset_ = 0;
        body_size_ = route.number;
        if (body_size_ > http_inline_body_limit) break;
        while (body_offset_ < body_size_) append(next_block());
        break;
      case Route::Kind::delay:
        is_delayed_ = true;
        due_ = Clock::now() + std::chrono::milliseconds(route.number);
        break;
      case Route::Kind::options: begin_response(ok, 0, route.allowed); break;
    }
  }

  Step refuse(int status, std::string_view allowed) {
    const std::string_view text = status_text(status);
    is_closing_ = true;
    begin_response(text, text.size(), allowed);
    if (!parser_.is_head()) append(text);
    return {.send = output(), .then = Step::Then::linger};
  }

  /// The step that sends what is there, or, where nothing is, the answer that was held.
  Step flush() {
    std::optional<TimePoint> not_before;
    if (is_delayed_ && output().empty()) {
      is_delayed_ = false;
      not_before = due_;
      respond(http_text);
    }
    return {.send = output(), .not_before = not_before, .then = then()};
  }

  /// What comes after all that has been answered so far.
  Step::Then then() const {
    const bool has_input = input_offset_ < input_.size();
    if (is_held()) return Step::Then::more;
    // What comes after this is not waited for: a client that asked for the close and goes on
    // sending all the same may lose the answer to a reset (RFC 9112, section 9.6). Waiting would
    // cost every short connection one more turn.
    if (is_closing_) return has_input ? Step::Then::linger : Step::Then::close;
    return has_input || out_.capacity() > http_output_kept ? Step::Then::more
                                                           : Step::Then::await_bytes;
  }

  /// Whether an answer is under way that what is there has to go out before.
  bool is_held() const { return is_delayed_ || body_offset_ < body_size_; }
  bool is_plain_get() const {
    return parser_.method() == HTTP_GET && parser_.keep_alive() && !parser_.is_http_1_0();
  }

  /// Keeps the rest of the input, which may be what was kept before.
  void keep(std::string_view input) {
    if (input.empty()) {
      release(input_);
      input_offset_ = 0;
    } else if (input_.empty()) {
      input_ = input;
    } else {
      input_offset_ = input_.size() - input.size();
    }
  }

  void respond(std::string_view body) {
    begin_response(ok, body.size());
    if (!parser_.is_head()) append(body);
  }

  void begin_response(std::string_view status, std::uint64_t content_length,
                      std::string_view allowed = {}) {
    append("HTTP/1.1 ");
    append(status);
    append("\r\nContent-Length: ");
    append(Number(content_length).text());
    append("\r\nContent-Type: text/plain\r\n");
    if (!allowed.empty()) {
      append("Allow: ");
      append(allowed);
      append("\r\n");
    }
    if (is_closing_)
      append("Connection: close\r\n");
    else if (parser_.is_http_1_0())
      append("Connection: keep-alive\r\n");
    append("\r\n");
  }

  void append(std::string_view text) {
    for (; text_count_ > 0; --text_count_) out_ += text_response;
    out_ += text;
  }

  std::string_view next_block() {
    const std::string_view block = http_pattern(body_offset_, body_size_ - body_offset_);
    body_offset_ += block.size();
    return block;
  }

  static Bytes as_bytes(std::string_view text) { return std::as_bytes(std::span(text)); }
  Bytes output() const {
    if (text_count_ == 0) return as_bytes(out_);
    return as_bytes({text_responses.data(), text_count_ * text_response.size()});
  }
  void drop_output() {
    text_count_ = 0;
    out_.clear();
  }

  RequestParser parser_;
  std::string out_;  // answers to be sent; empty while text_count_ is above 0
  std::string input_;
  std::size_t input_offset_ = 0;
  std::uint64_t body_offset_ = 0, body_size_ = 0;  // of the answer that is going out
  TimePoint due_{};                                // when to send the delayed answer
  std::uint32_t text_count_ = 0;                   // text_responses to be sent
  bool is_delayed_ = false;
  bool is_closing_ = false;
};

static_assert(sizeof(HttpSession) <= 400, "idle connections are held by the thousand");

constexpr ParameterSpec parameters[] = {
    {"bytes", 0, 0, http_bytes_limit, "the body's length, of GET /bytes/N; 0: GET / instead"},
    {"pipeline", 1, 1, 1024, "requests sent at once, then awaited"},
    {"requests_per_connection", 0, 0, 1'000'000'000, "then connect anew; 0: never, 1: churn"},
    {"idle_connections", 0, 0, 100'000, "connections held open beside those that talk"},
    {"requests", 1, 1, 1'000'000, "requests of each client, where a drive has an end"},
    {"timeout_ms", 5000, 1, 3'600'000, "an answer that takes longer is given up"},
};

std::unique_ptr<Service> service(const Parameters&) {
  return std::make_unique<HttpService>();
}

std::unique_ptr<Session> client(const Parameters& given, std::uint32_t number, Admission& admission,
                                Recorder& recorder) {
  const auto bytes = static_cast<std::uint64_t>(given["bytes"]);
  HttpCall call{.request = http_get("/"), .text = std::string(http_text)};
  if (bytes > 0)
    call = {.request = http_get(fmt::format("/bytes/{}", bytes)), .pattern_bytes = bytes};
  return make_http_client(
      {.calls = {call},
       .pipeline = static_cast<std::uint32_t>(given["pipeline"]),
       .requests_per_connection = static_cast<std::uint64_t>(given["requests_per_connection"]),
       .reply_within = std::chrono::milliseconds(given["timeout_ms"])},
      number, admission, recorder);
}

}  // namespace

std::unique_ptr<Session> HttpService::open() {
  return std::make_unique<HttpSession>();
}

extern const Workload http_workload{.name = "http",
                                    .summary = "HTTP/1.1: GET / or a body of some length",
                                    .role = Role::serve,
                                    .parameters = parameters,
                                    .service = service,
                                    .client = client};

}  // namespace contend
