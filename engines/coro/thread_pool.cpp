// A queue and some threads.
#include "engines/coro/thread_pool.hpp"

#include <algorithm>

namespace contend::coro {

unsigned ThreadPool::usual_threads() {
  return std::min(32U, std::thread::hardware_concurrency() + 4);
}

ThreadPool::ThreadPool(unsigned threads) {
  try {
    for (unsigned made = 0; made < threads; ++made) threads_.emplace_back([this] { work(); });
  } catch (...) {
    close();  // those that were made would wait for ever
    throw;
  }
}

ThreadPool::~ThreadPool() {
  close();
}

void ThreadPool::close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  threads_.clear();
}

void ThreadPool::submit(Work& work) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(work);
  }
  changed_.notify_one();
}

void ThreadPool::work() {
  for (;;) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closing_ || !queue_.empty(); });
    if (queue_.empty()) return;
    auto& next = static_cast<Work&>(queue_.front());
    queue_.pop_front();
    lock.unlock();
    next.perform();
  }
}

}  // namespace contend::coro
