// Held and idle sessions.
#include "harness/load/window_sessions.hpp"

namespace contend {

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
  return recorder_.over() ? Step{} : unless_over(inner_->on_open());
}

Step HeldSession::on_bytes(Bytes bytes) {
  return recorder_.over() ? Step{} : unless_over(inner_->on_bytes(bytes));
}

Step HeldSession::on_early_bytes(Bytes bytes) {
  return recorder_.over() ? Step{} : unless_over(inner_->on_early_bytes(bytes));
}

Step HeldSession::on_sent() {
  return recorder_.over() ? Step{} : unless_over(inner_->on_sent());
}

Step HeldSession::on_silence() {
  return recorder_.over() ? Step{} : unless_over(inner_->on_silence());
}

Step HeldSession::on_failure(Failure failure) {
  note_closed();
  if (recorder_.over()) return {.then = Step::Then::close};
  return inner_->on_failure(failure);
}

Step HeldSession::unless_over(Step step) {
  // Sessions close as soon as the recorder tells them not to go on.
  if (recorder_.over()) return {};
  if (step.then == Step::Then::close || step.then == Step::Then::linger ||
      step.then == Step::Then::reconnect)
    note_closed();
  return step;
}

void HeldSession::note_closed() {
  if (open_) connections_.closed();
  open_ = false;
}

}  // namespace contend
