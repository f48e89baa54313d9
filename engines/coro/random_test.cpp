// Random programs: whatever tasks do to each other, nothing crashes, every task ends, and the loop
// closes with nothing left.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "engines/coro/testing.hpp"

namespace contend::coro {
namespace {

/// One program: tasks that take random steps, and make more of their kind. A task awaits only older
/// ones that do not await it, so that they never wait for each other.
class Program {
 public:
  explicit Program(unsigned seed) : random_(seed) {}

  Coroutine<> main() {
    for (int first = 0; first < 3; ++first) spawn();
    for (unsigned step = 0; step < 20; ++step) {
      if (pick(3) == 0) spawn();
      if (pick(3) == 0) complete();
      co_await sleep(0s);
    }
    if (pick(2) == 0) co_return;  // the rest is left to run()
    for (std::size_t i = 0; i < tasks_.size(); ++i) tasks_[i].cancel();
    for (std::size_t i = 0; i < tasks_.size(); ++i) co_await how_ends<int>(tasks_[i]);
  }
  bool all_done() const {
    return std::ranges::all_of(tasks_, [](const Task<int>& task) { return task.done(); });
  }
  std::size_t tasks() const { return tasks_.size(); }
  int alive() const { return alive_; }

 private:
  static constexpr std::size_t max_tasks = 40;

  struct Alive {
    explicit Alive(int& count) : count_(count) { ++count_; }
    ~Alive() { --count_; }
    int& count_;
  };

  unsigned pick(unsigned below) { return static_cast<unsigned>(random_() % below); }
  std::size_t pick_below(std::size_t below) { return random_() % below; }

  void spawn() {
    if (tasks_.size() == max_tasks) return;
    const std::size_t own = tasks_.size();
    tasks_.push_back(create_task(steps(own)));
  }
  void complete() {
    if (futures_.empty()) return;
    const Future<int> future = futures_[pick_below(futures_.size())];
    if (future.done()) return;
    if (pick(4) == 0)
      future.cancel();
    else if (pick(4) == 0)
      future.set_exception(std::runtime_error("set"));
    else
      future.set_result(1);
  }

  Coroutine<int> steps(std::size_t own) {
    const Alive alive(alive_);
    const unsigned count = 1 + pick(6);
    for (unsigned step = 0; step < count; ++step) {
      try {
        co_await one_step(own);
      } catch (CancelledError) {
        if (pick(3) != 0) throw;  // or swallow it
      } catch (const std::runtime_error&) {
        if (pick(3) == 0) throw;
      }
    }
    co_return static_cast<int>(own);
  }

  Coroutine<> one_step(std::size_t own) {
    const Alive alive(alive_);
    switch (pick(10)) {
      case 0: spawn(); break;
      case 1: co_await sleep(0s); break;
      case 2: co_await sleep(std::chrono::microseconds(pick(200))); break;
      case 3: tasks_[pick_below(tasks_.size())].cancel(); break;
      case 4: complete(); break;
      case 5: co_await wait_for(new_future(), std::chrono::microseconds(pick(300))); break;
      case 6: throw std::runtime_error("step");
      case 7:
        if (own > 0) co_await tasks_[pick_below(own)];
        break;
      case 8:
        if (own > 0) co_await wait_for(shield(tasks_[pick_below(own)]), 100us);
        break;
      default:
        if (own > 1) co_await gather(tasks_[pick_below(own)], tasks_[pick_below(own)], turns(2));
    }
  }

  Future<int> new_future() {
    futures_.emplace_back();
    return futures_.back();
  }

  std::mt19937 random_;
  int alive_ = 0;
  std::vector<Task<int>> tasks_;
  std::vector<Future<int>> futures_;
};

class Random : public testing::TestWithParam<MakePoller> {};

INSTANTIATE_TEST_SUITE_P(Pollers, Random, testing::Values(make_epoll_poller, make_poll_poller),
                         poller_name);

TEST_P(Random, ProgramsEndWithNothingLeft) {
  // What nobody took is told on standard error, and there is much of it.
  testing::internal::CaptureStderr();
  std::size_t tasks = 0;
  for (unsigned seed = 0; seed < 300; ++seed) {
    Program program(seed);
    ASSERT_NO_THROW(run(program.main(), false, GetParam())) << "seed " << seed;
    ASSERT_TRUE(program.all_done()) << "seed " << seed;
    ASSERT_EQ(program.alive(), 0) << "seed " << seed;
    tasks += program.tasks();
  }
  EXPECT_GT(tasks, 300U * 5);
  testing::internal::GetCapturedStderr();
}

// The same without run(), closed in the middle of everything.
TEST_P(Random, ProgramsMayBeClosedAtAnyMoment) {
  testing::internal::CaptureStderr();
  for (unsigned seed = 0; seed < 300; ++seed) {
    Program program(seed);
    Loop loop(GetParam()());
    const Task<> main(loop, program.main(), std::source_location::current());
    loop.run_until_complete(turns(static_cast<int>(seed % 20)));
    loop.close();
    ASSERT_TRUE(program.all_done()) << "seed " << seed;
    ASSERT_EQ(program.alive(), 0) << "seed " << seed;
  }
  testing::internal::GetCapturedStderr();
}

}  // namespace
}  // namespace contend::coro
