// Servers whose truth is known: when each request is answered is a rule, so that what a load
// generator says of them can be held against it. No workload, since nobody measures these, and no
// HTTP server: a request is whatever ends with an empty line, and has no body.
#pragma once

#include <memory>

#include "workloads/session.hpp"

namespace contend {

/// When a request is answered. It has no clock: whoever asks says what time it is.
class AnswerRule {
 public:
  virtual ~AnswerRule() = default;
  /// Of the request that has come at `now`; `now` is at once. Asked once for each, in the order of
  /// their coming, from one thread.
  virtual TimePoint due(TimePoint now) = 0;
};

/// Each after `delay`.
std::unique_ptr<AnswerRule> exact_rule(Duration delay);
/// At once, but for `freeze` in the middle of each `period`: what comes then is answered when it is
/// over. The first period begins with the first request, so that whoever loads it for a whole
/// number of periods sees each freeze from its beginning to its end. Throws std::invalid_argument
/// unless `freeze` is shorter than `period`.
std::unique_ptr<AnswerRule> frozen_rule(Duration period, Duration freeze);
/// At once, but every hundredth after `delay`.
std::unique_ptr<AnswerRule> hundredth_rule(Duration delay);
/// At most so many a second, evenly spaced, first come, first answered: a token bucket that holds
/// one token.
std::unique_ptr<AnswerRule> capacity_rule(double rate_per_s);

/// Answers by the rule, which all connections share; so it is for an engine with one worker. What
/// comes on a connection that has an answer to wait for is not received before that has been sent:
/// the rule's times are right of one request in flight on each, and of those that come together. A
/// service outlives its sessions.
std::unique_ptr<Service> known_service(std::unique_ptr<AnswerRule> rule);

/// Answers all requests of a chunk at once, in one send: as little work as a server can do.
std::unique_ptr<Service> prompt_service();

}  // namespace contend
