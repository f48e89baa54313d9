// For the tests of readers: JSON that is changed anywhere, in any way. Not part of contend. Try it:
//   JsonChanger changer(whole, 7);
//   json changed = changer.changed([](std::mt19937_64&) { return json(-1); });
#pragma once

#include <nlohmann/json.hpp>
#include <random>

#include "harness/base/random.hpp"

namespace contend {

class JsonChanger {
 public:
  JsonChanger(nlohmann::json whole, std::uint64_t seed)
      : whole_(std::move(whole)), places_(whole_.flatten()), generator_(seed) {}

  /// The whole with one to `max_changes` places, fields or parts of any size, replaced by
  /// `anything(generator)`. A place that an earlier change took away is left.
  template <typename Anything>
  nlohmann::json changed(const Anything& anything, std::uint64_t max_changes = 1) {
    nlohmann::json whole = whole_;
    for (std::uint64_t left = 1 + uniform_below(generator_, max_changes); left > 0; --left) {
      try {
        whole[somewhere()] = anything(generator_);
      } catch (const nlohmann::json::exception&) {
      }
    }
    return whole;
  }

 private:
  nlohmann::json::json_pointer somewhere() {
    auto place = places_.begin();
    std::advance(place, static_cast<long>(uniform_below(generator_, places_.size())));
    nlohmann::json::json_pointer at(place.key());
    for (std::uint64_t up = uniform_below(generator_, 3); up > 0 && !at.empty(); --up)
      at = at.parent_pointer();
    return at;
  }

  nlohmann::json whole_, places_;
  std::mt19937_64 generator_;
};

}  // namespace contend
