// A libFuzzer target: the reader of a file of requests refuses or accepts any bytes, and what is
// sent of each accepted one is a single request, with nothing behind it. See
// workloads/http/server_fuzz.cpp for how to run it.
#include "harness/load/request/requests_file.hpp"

#include "harness/testing/fuzzing.hpp"
#include "workloads/http/parser.hpp"

namespace {

using namespace contend;

/// A server may refuse the bytes; it may not see a second request in them, nor wait for more.
void require_single(const RequestTemplate& request) {
  SplitMix random(1);
  std::string bytes;
  request.append_to(bytes, {.sequence = 1, .connection = 2}, random);
  std::string_view input = bytes;
  RequestParser parser;
  RequestParser::Event event = parser.next(input);
  while (event == RequestParser::Event::head) event = parser.next(input);
  fuzzing::require(event == RequestParser::Event::refused ||
                       (event == RequestParser::Event::complete && input.empty()),
                   "a request's bytes are not one request");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const load::Target target = load::Target::parse("http://127.0.0.1:1/");
  const auto requests =
      fuzzing::accepted([&] { return load::parse_requests(fuzzing::text_of(data, size)); });
  if (!requests) return 0;
  fuzzing::require(!requests->empty() && requests->size() <= load::max_requests_in_file,
                   "no request, or too many");
  for (const load::RequestSpec& request : *requests)
    if (const auto call = fuzzing::accepted([&] { return load::http_call(target, request); }))
      require_single(call->request);
  return 0;
}
