// Calls, made ready to be sent and checked.
#include "workloads/http/plan.hpp"

#include <algorithm>
#include <stdexcept>

namespace contend {

HttpPlan::HttpPlan(const HttpClientOptions& options) : options_(options) {
  std::uint64_t sum = 0;
  bool is_numbered = false;
  for (const HttpCall& call : options.calls) {
    Kind& kind = kinds_.emplace_back(
        Kind{.request = call.request, .text = call.text, .body = {}, .status = call.status});
    kind.body = {.text = kind.text,
                 .pattern_bytes = call.pattern_bytes,
                 .anything = call.any_body,
                 .head = call.head};
    weights_.push_back(sum += call.weight);
    is_numbered |= call.request.is_numbered();
  }
  if (sum == 0 || options.pipeline == 0 || (is_numbered && options.sequence == nullptr))
    throw std::invalid_argument(
        "an http client needs a call with a weight, a pipeline of at least 1, and numbers where a "
        "request has {seq}");
  if (has_choice() || !kinds_.front().request.is_constant()) return;
  SplitMix unused(0);
  for (std::uint32_t copy = 0; copy < options.pipeline; ++copy)
    kinds_.front().request.append_to(batch_, {}, unused);
}

std::size_t HttpPlan::choose(SplitMix& random) const {
  const std::uint64_t value = random() % weights_.back();
  return static_cast<std::size_t>(std::ranges::upper_bound(weights_, value) - weights_.begin());
}

}  // namespace contend
