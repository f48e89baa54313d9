// What a loop runs at its next turn: callbacks that live in their owners, so that queueing one
// allocates nothing. A callback is in one queue at a time, and leaves it when it is destroyed.
#pragma once

#include <boost/intrusive/list.hpp>

namespace contend::coro {

class Callback : public boost::intrusive::list_base_hook<
                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  using Fire = void (*)(Callback&);
  explicit Callback(Fire what) : fire_(what) {}
  Callback(const Callback&) = delete;
  Callback& operator=(const Callback&) = delete;

  void fire() { fire_(*this); }
  bool queued() const { return is_linked(); }

 protected:
  ~Callback() = default;
  /// What the next `fire` does instead.
  void then(Fire what) { fire_ = what; }

 private:
  Fire fire_;
};

/// First in, first out.
using Callbacks = boost::intrusive::list<Callback, boost::intrusive::constant_time_size<false>>;

}  // namespace contend::coro
