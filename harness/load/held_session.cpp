// Held and idle sessions.
#include "harness/load/held_session.hpp"

namespace contend::load {

void Connections::opened(bool for_the_first_time) {
  add(made_, 1);
  add(open_, 1);
  if (!for_the_first_time) return;
  add(connected_, 1);
  if (sessions_connected() == sessions_) all_connected_.request();
}

Step HeldSession::on_open() {
  connections_.opened(!was_open_);
  open_ = was_open_ = true;
  return state_.ended() ? Step{} : unless_over(inner_->on_open());
}

Step HeldSession::on_bytes(Bytes bytes) {
  return state_.ended() ? Step{} : unless_over(inner_->on_bytes(bytes));
}

Step HeldSession::on_early_bytes(Bytes bytes) {
  return state_.ended() ? Step{} : unless_over(inner_->on_early_bytes(bytes));
}

Step HeldSession::on_sent() {
  return state_.ended() ? Step{} : unless_over(inner_->on_sent());
}

Step HeldSession::on_timeout() {
  return state_.ended() ? Step{} : unless_over(inner_->on_timeout());
}

Step HeldSession::on_failure(Failure failure) {
  note_closed();
  if (state_.ended()) return {.then = Step::Then::close};
  return inner_->on_failure(failure);
}

Step HeldSession::unless_over(Step step) {
  // Sessions close as soon as the recorder allows no further request.
  if (state_.ended()) return {};
  if (step.then == Step::Then::close || step.then == Step::Then::linger ||
      step.then == Step::Then::reconnect)
    note_closed();
  return step;
}

void HeldSession::note_closed() {
  if (open_) connections_.closed();
  open_ = false;
}

}  // namespace contend::load
