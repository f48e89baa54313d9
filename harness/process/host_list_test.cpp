// What a host may list: names that results/schema.json allows, and nothing that makes a result
// invalid after it was measured.
#include "harness/process/host_list.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>

#include "harness/base/files.hpp"
#include "harness/base/json.hpp"
#include "harness/testing/testing.hpp"

namespace contend {
namespace {

using nlohmann::json;
using testing::complains;

json some_listing() {
  return json::parse(R"({
    "engines": [{"name": "mine", "summary": "one", "charted": true, "roles": ["serve"],
                 "scales": false, "spins": false, "delays": false, "unavailable": null}],
    "workloads": [{"name": "echo", "summary": "two", "role": "serve", "kinds": ["light"],
                   "parameters": [{"name": "size_bytes", "default": 1, "minimum": 1, "maximum": 9,
                                   "meaning": "length"}]}]})");
}

json changed_listing(const char* pointer, const std::string& text) {
  json listing = some_listing();
  listing[json::json_pointer(pointer)] = text;
  return listing;
}

constexpr const char* listed_names[] = {"/engines/0/name", "/workloads/0/name",
                                        "/workloads/0/parameters/0/name"};

const std::vector<std::string> some_names{
    "",      "a",   "A-b_c.9",   "9",      "-a",      "_a",    ".a",
    "a b",   "a/b", "a\n",       "\u00e9", "a\u00e9", "<b>",   std::string("a\0", 2),
    "../up", "a,b", "a\"b",      "=1+1",   "light",   "Light", "li_9",
    "l.x",   "l-x", "a\x1b[31m", "$HOME",  "a:b",     "x y",   std::string(300, 'n')};

json schema_defs() {
  return json::parse(content_of(CONTEND_SOURCE_DIR "/results/schema.json"))["$defs"];
}

TEST(HostList, ReadsWhatAHostLists) {
  const Host host = parse_host(some_listing(), {"mine"});
  EXPECT_EQ(host.engine("mine").summary, "one");
  EXPECT_EQ(host.workload("echo").kinds, std::vector<std::string>{"light"});
}

TEST(HostList, RefusesTheNamesThatTheSchemaRefuses) {
  const std::regex schema(schema_defs()["name"]["pattern"].get<std::string>());
  for (const char* pointer : listed_names)
    for (const std::string& name : some_names) {
      const json listing = changed_listing(pointer, name);
      if (std::regex_search(name, schema) && name.find('\n') == std::string::npos)
        EXPECT_NO_THROW(parse_host(listing, {"mine"})) << pointer << name;
      else
        EXPECT_TRUE(complains([&] { parse_host(listing, {"mine"}); }, "].name: must be of letters"))
            << pointer << name;
    }
}

/// A kind is the beginning of a metric's name, KIND.latency_p50_ns.
TEST(HostList, RefusesTheKindsThatTheSchemaRefuses) {
  const std::regex schema(schema_defs()["metric_name"]["pattern"].get<std::string>());
  for (const std::string& kind : some_names) {
    const json listing = changed_listing("/workloads/0/kinds/0", kind);
    // Without a kind there is no dot.
    if (!kind.empty() && std::regex_search(kind + ".latency_p50_ns", schema))
      EXPECT_NO_THROW(parse_host(listing, {"mine"})) << kind;
    else
      EXPECT_TRUE(complains([&] { parse_host(listing, {"mine"}); }, ".kinds: must be of a-z"))
          << kind;
  }
}

TEST(HostList, RefusesAnEmptyReason) {
  EXPECT_TRUE(complains([] { parse_host(changed_listing("/engines/0/unavailable", ""), {"mine"}); },
                        "engines[0].unavailable: must be a reason or null"));
}

}  // namespace
}  // namespace contend
