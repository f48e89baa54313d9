// The load process, played inside the test against servers of known behaviour.
#include "harness/load/window.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "harness/stats/histogram.hpp"

namespace contend::load {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

struct Pipe {
  Pipe() {
    int ends[2];
    if (pipe(ends) != 0) throw std::runtime_error("pipe");
    reading = Fd(ends[0]);
    writing = Fd(ends[1]);
  }
  Fd reading, writing;
};

/// Counts the sessions of another service that are open, and the chunks that they were given.
class Counted final : public Service {
 public:
  explicit Counted(std::unique_ptr<Service> inner) : inner_(std::move(inner)) {}
  std::unique_ptr<Session> open() override {
    return std::make_unique<Conversation>(*this, inner_->open());
  }
  std::atomic<int> open_sessions{0}, ever_opened{0};

 private:
  class Conversation final : public Session {
   public:
    Conversation(Counted& counted, std::unique_ptr<Session> inner)
        : counted_(counted), inner_(std::move(inner)) {
      ++counted_.open_sessions;
      ++counted_.ever_opened;
    }
    ~Conversation() override { --counted_.open_sessions; }
    Step on_open() override { return inner_->on_open(); }
    Step on_bytes(Bytes bytes) override { return inner_->on_bytes(bytes); }
    Step on_sent() override { return inner_->on_sent(); }

   private:
    Counted& counted_;
    std::unique_ptr<Session> inner_;
  };
  std::unique_ptr<Service> inner_;
};

/// Answers each chunk with as many bytes, all of them wrong.
class Liar final : public Service {
  class Lie final : public Session {
   public:
    Step on_open() override { return {}; }
    Step on_bytes(Bytes bytes) override {
      answer_.assign(bytes.begin(), bytes.end());
      for (std::byte& byte : answer_) byte = ~byte;
      return {.send = answer_};
    }

   private:
    std::vector<std::byte> answer_;
  };

 public:
  std::unique_ptr<Session> open() override { return std::make_unique<Lie>(); }
};

std::unique_ptr<Service> echo() {
  const Workload& workload = find_workload("echo");
  return workload.service(Parameters(workload.parameters, {}));
}

/// A server in a thread of its own.
class Server {
 public:
  Server(const char* engine, Service& service, Duration delay = {})
      : listener_(listen_on(Endpoint::loopback(0))), address_(text_of(listener_)) {
    thread_ = std::thread([this, engine, &service, delay] {
      find_engine(engine).serve(std::move(listener_), service, {.delay = delay}, stop_.token());
    });
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() {
    stop_.request();
    thread_.join();
  }
  const std::string& address() const { return address_; }
  static std::string text_of(const Fd& listener) {
    return "127.0.0.1:" + std::to_string(port_of(listener));
  }

 private:
  Fd listener_;
  std::string address_;
  StopSource stop_;
  std::thread thread_;
};

/// `measure_window` in a thread of its own, with both ends of its pipes.
class Measuring {
 public:
  explicit Measuring(WindowSpec options) : options_(std::move(options)) {
    thread_ = std::thread([this] {
      try {
        measure_window(options_, input_.reading.get(), output_.writing.get());
      } catch (const std::exception& error) {
        error_ = error.what();
      }
      output_.writing.reset();
    });
  }
  Measuring(const Measuring&) = delete;
  Measuring& operator=(const Measuring&) = delete;
  ~Measuring() { finish(); }

  /// The next line; null at the end of the output, or when nothing comes for 20 s.
  json next() {
    std::size_t end;
    while ((end = said_.find('\n')) == std::string::npos) {
      pollfd readable{.fd = output_.reading.get(), .events = POLLIN, .revents = 0};
      std::array<char, 4096> part;
      if (poll(&readable, 1, 20'000) <= 0) return {};
      const ssize_t count = read(readable.fd, part.data(), part.size());
      if (count <= 0) return {};
      said_.append(part.data(), static_cast<std::size_t>(count));
    }
    const json line = json::parse(said_.substr(0, end));
    said_.erase(0, end + 1);
    return line;
  }
  /// All events up to the sample.
  json sample() {
    EXPECT_EQ(next()["event"], "connected");
    EXPECT_EQ(next()["event"], "window_begins");
    return sample_after_the_window();
  }
  json sample_after_the_window() {
    EXPECT_EQ(next()["event"], "window_ends");
    end_input();
    json sample = next();
    EXPECT_EQ(sample["event"], "sample");
    return sample;
  }
  void end_input() { input_.writing.reset(); }
  /// Ends it, and returns what it complained about.
  std::string finish() {
    end_input();
    if (thread_.joinable()) thread_.join();
    return error_;
  }

 private:
  WindowSpec options_;
  Pipe input_, output_;
  std::string said_, error_;
  std::thread thread_;
};

WindowSpec options_for(const std::string& address) {
  return {.workload = "echo",
          .address = address,
          .connections = 4,
          .warmup = 20ms,
          .window = 100ms,
          .engine = "epoll"};
}

template <typename Condition>
bool eventually(Condition condition) {
  for (const auto end = Clock::now() + 20s; Clock::now() < end; std::this_thread::sleep_for(1ms))
    if (condition()) return true;
  return false;
}

TEST(LoadTest, MeasuresAWindowAndHoldsTheConnectionsUntilItsInputEnds) {
  Counted service(echo());
  const Server server("epoll", service);
  WindowSpec options = options_for(server.address());
  options.idle = 3;
  Measuring measuring(options);
  const json connected = measuring.next();
  EXPECT_EQ(connected, (json{{"event", "connected"}, {"connections", 7}}));
  const json begins = measuring.next();
  EXPECT_EQ(begins["event"], "window_begins");
  const json ends = measuring.next();
  const TimePoint after = Clock::now();
  EXPECT_EQ(ends["event"], "window_ends");
  EXPECT_LE(ends["at_ns"], after.time_since_epoch().count());
  EXPECT_EQ(service.open_sessions, 7);
  measuring.end_input();
  const json sample = measuring.next();
  EXPECT_EQ(sample["event"], "sample");
  EXPECT_EQ(sample["window_ns"].get<std::int64_t>(),
            ends["at_ns"].get<std::int64_t>() - begins["at_ns"].get<std::int64_t>());
  EXPECT_GE(sample["window_ns"], 100'000'000);
  EXPECT_GT(sample["operations"], 10);
  EXPECT_EQ(sample["errors"], json::object());
  EXPECT_EQ(sample["warm_up_errors"], json::object());
  EXPECT_EQ(sample["histograms"].size(), 1U);
  const Histogram latencies = Histogram::from_json(sample["histograms"]["all"]);
  EXPECT_EQ(latencies.count(), sample["operations"].get<std::uint64_t>());
  EXPECT_GT(latencies.min(), 1us);
  EXPECT_GT(sample["fairness_jain"], 0.25);
  EXPECT_LE(sample["fairness_jain"], 1.0);
  EXPECT_EQ(sample["connections_open"], 7);
  EXPECT_GT(sample["load_cpu_ns"], 0);
  EXPECT_GE(sample["load_wall_ns"], sample["window_ns"]);
  EXPECT_EQ(measuring.finish(), "");
  EXPECT_TRUE(eventually([&] { return service.open_sessions == 0; }));
  EXPECT_EQ(service.ever_opened, 7);
}

TEST(LoadTest, IsDrivenByWhateverIsCheapestHere) {
  Counted service(echo());
  const Server server("epoll", service);
  WindowSpec options = options_for(server.address());
  options.engine = "";
  Measuring measuring(options);
  const json sample = measuring.sample();
  EXPECT_GT(sample["operations"], 10);
  EXPECT_EQ(sample["connections_open"], 4);
  EXPECT_EQ(measuring.finish(), "");
}

TEST(LoadTest, AServerOfKnownSlownessReadsAsSlow) {
  Counted service(echo());
  const Server server("delay", service, 5ms);
  Measuring measuring(options_for(server.address()));
  const json sample = measuring.sample();
  const Histogram latencies = Histogram::from_json(sample["histograms"]["all"]);
  EXPECT_GT(latencies.count(), 0U);
  EXPECT_GE(latencies.min(), 5ms);
  EXPECT_LE(latencies.min(), 6ms);
}

TEST(LoadTest, StarvedConnectionsShow) {
  Counted service(echo());
  const Server server("blocking", service);
  Measuring measuring(options_for(server.address()));
  const json sample = measuring.sample();
  EXPECT_GT(sample["operations"], 10);
  EXPECT_EQ(sample["starved_connections"], 3);
  EXPECT_DOUBLE_EQ(sample["fairness_jain"].get<double>(), 0.25);
  EXPECT_EQ(sample["connections_open"], 4);
}

TEST(LoadTest, ConnectionsThatAreMadeAnewAreHeldAtTheEnd) {
  Counted service(echo());
  const Server server("epoll", service);
  WindowSpec options = options_for(server.address());
  options.settings = {"requests_per_connection=1"};
  Measuring measuring(options);
  const json sample = measuring.sample();
  EXPECT_GT(sample["operations"], 10);
  EXPECT_EQ(sample["connections_open"], 4);
  EXPECT_GT(service.ever_opened, sample["operations"].get<int>());
  EXPECT_EQ(measuring.finish(), "");
}

TEST(LoadTest, WrongRepliesAreErrorsAndNoOperations) {
  Liar liar;
  const Server server("epoll", liar);
  WindowSpec options = options_for(server.address());
  options.warmup = 0ms;
  Measuring measuring(options);
  const json sample = measuring.sample();
  EXPECT_EQ(sample["operations"], 0);
  EXPECT_GT(sample["errors"]["wrong_body"], 0);
  EXPECT_TRUE(sample["fairness_jain"].is_null());
  EXPECT_EQ(sample["starved_connections"], 4);
  EXPECT_EQ(Histogram::from_json(sample["histograms"]["all"]), Histogram());
}

TEST(LoadTest, AServerThatHangsCostsTheWindowAndNoMore) {
  const Fd listener = listen_on(Endpoint::loopback(0));  // connections are made, nobody answers
  Measuring measuring(options_for(Server::text_of(listener)));
  EXPECT_EQ(measuring.next()["connections"], 4);
  EXPECT_EQ(measuring.next()["event"], "window_begins");
  const json sample = measuring.sample_after_the_window();
  EXPECT_EQ(sample["operations"], 0);
  EXPECT_EQ(sample["starved_connections"], 4);
  EXPECT_EQ(measuring.finish(), "");
}

TEST(LoadTest, AServerThatIsNotThereIsRefused) {
  std::string address;
  {
    const Fd listener = listen_on(Endpoint::loopback(0));
    address = Server::text_of(listener);
  }
  Measuring measuring(options_for(address));
  EXPECT_EQ(measuring.next()["connections"], 0);
  EXPECT_EQ(measuring.next()["event"], "window_begins");
  const json sample = measuring.sample_after_the_window();
  EXPECT_EQ(sample["operations"], 0);
  EXPECT_EQ(sample["connections_open"], 0);
  EXPECT_GT(sample["warm_up_errors"]["refused"], 0);
}

TEST(LoadTest, EndsAtOnceWhenItsInputEndsEarly) {
  Counted service(echo());
  const Server server("epoll", service);
  WindowSpec options = options_for(server.address());
  options.window = 1h;
  Measuring measuring(options);
  EXPECT_EQ(measuring.next()["event"], "connected");
  EXPECT_EQ(measuring.next()["event"], "window_begins");
  EXPECT_EQ(measuring.finish(), "standard input ended before the window did");
}

TEST(LoadTest, RefusesWrongUse) {
  const auto refusal = [](const std::function<void(WindowSpec&)>& spoil) {
    WindowSpec options = options_for("127.0.0.1:9");
    spoil(options);
    try {
      measure_window(options, STDIN_FILENO, STDOUT_FILENO);
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_NE(refusal([](WindowSpec& o) { o.address = "192.0.2.1:80"; }).find("loopback"),
            std::string::npos);
  EXPECT_NE(refusal([](WindowSpec& o) { o.address = "nowhere"; }).find("nowhere"),
            std::string::npos);
  EXPECT_NE(refusal([](WindowSpec& o) { o.workload = "fib"; }).find("no clients"),
            std::string::npos);
  EXPECT_NE(refusal([](WindowSpec& o) { o.workload = "x"; }).find("'x'"), std::string::npos);
  EXPECT_NE(refusal([](WindowSpec& o) { o.engine = "x"; }).find("'x'"), std::string::npos);
  EXPECT_NE(refusal([](WindowSpec& o) { o.connections = 0; }).find("--connections"),
            std::string::npos);
  EXPECT_NE(refusal([](WindowSpec& o) { o.window = 0ms; }).find("--window-ms"), std::string::npos);
  EXPECT_NE(refusal([](WindowSpec& o) { o.settings = {"size_bytes=many"}; }).find("NAME="),
            std::string::npos);
  EXPECT_NE(refusal([](WindowSpec& o) { o.settings = {"mystery=1"}; }).find("mystery"),
            std::string::npos);
}

}  // namespace
}  // namespace contend::load
