// The io_uring engine as a client, on kernels that can do less and with queues that are too small.
#include <array>
#include <map>
#include <optional>

#include "engines/io_uring_testing.hpp"
#include "engines/test_child.hpp"
#include "workloads/request_log.hpp"

namespace contend::test {
namespace {

class UringDrive : public Uring {};
INSTANTIATE_TEST_SUITE_P(Setups, UringDrive, ::testing::ValuesIn(cases),
                         [](const auto& one) { return std::string(one.param.name); });

/// Runs `drive` with these sessions here.
void drive(const uring::Setup& setup, const Endpoint& endpoint,
           const std::vector<std::unique_ptr<Session>>& sessions,
           const DriveOptions& options = {}) {
  std::vector<Session*> borrowed;
  for (const auto& session : sessions) borrowed.push_back(session.get());
  uring::drive(endpoint, borrowed, options, setup);
}

/// Drives so many clients of echo, each of which must have all its requests answered.
void expect_answers(const uring::Setup& setup, const Endpoint& endpoint, std::uint32_t clients,
                    const std::map<std::string, std::int64_t>& settings,
                    const DriveOptions& options) {
  const Workload& echo = find_workload("echo");
  const Parameters parameters(echo.parameters, settings);
  const std::uint32_t requests = RequestLog::requests_of(parameters);
  RequestLog log(clients, requests);
  std::vector<std::unique_ptr<Session>> sessions;
  for (std::uint32_t i = 0; i < clients; ++i)
    sessions.push_back(echo.client(parameters, i, log, log));
  drive(setup, endpoint, sessions, options);
  const auto entries = log.entries();
  EXPECT_EQ(entries.size(), clients * requests);
  EXPECT_EQ(std::ranges::count(entries, true, &RequestLog::Entry::ok), clients * requests);
}

TEST_P(UringDrive, DrivesClientsThatComeAndGo) {
  Served server(best(), std::make_unique<ServiceOf<Scripted>>());
  constexpr std::uint32_t clients = 150;
  for (const std::int64_t per_connection : {0, 3})
    expect_answers(setup(), server.endpoint(), clients,
                   {{"size_bytes", 900},
                    {"pipeline", 4},
                    {"requests", 20},
                    {"requests_per_connection", per_connection}},
                   {.max_parallel = 100});
  EXPECT_EQ(server.stop().accepted, clients + clients * 7);
}

/// Remembers what befell it, and tries `attempts` times with 20 ms in between.
class Witness : public Session {
 public:
  explicit Witness(int attempts = 1) : attempts_(attempts) {}
  Step on_open() override {
    ++opened;
    static constexpr std::byte hello[1] = {std::byte{'h'}};
    return {.send = hello, .reply_within = std::chrono::milliseconds(40)};
  }
  Step on_bytes(Bytes bytes) override {
    received += bytes.size();
    return {.reply_within = std::chrono::milliseconds(40)};
  }
  Step on_timeout() override {
    ++silences;
    return again();
  }
  Step on_failure(Failure failure) override {
    failures.push_back(failure);
    return again();
  }

  int opened = 0, silences = 0;
  std::size_t received = 0;
  std::vector<Failure> failures;

 private:
  Step again() {
    if (--attempts_ == 0) return {.then = Step::Then::close};
    return {.not_before = Clock::now() + std::chrono::milliseconds(20),
            .then = Step::Then::reconnect};
  }
  int attempts_;
};

std::vector<std::unique_ptr<Session>> witnesses(std::size_t count, int attempts = 1) {
  std::vector<std::unique_ptr<Session>> made;
  for (std::size_t i = 0; i < count; ++i) made.push_back(std::make_unique<Witness>(attempts));
  return made;
}
const Witness& witness(const std::unique_ptr<Session>& session) {
  return static_cast<const Witness&>(*session);
}

TEST_P(UringDrive, TellsOfRefusedConnectionsAndBacksOff) {
  std::optional<Fd> closed = listen_on(Endpoint::loopback(0));
  const Endpoint nobody = Endpoint::loopback(port_of(*closed));
  closed.reset();
  const auto sessions = witnesses(100, 3);
  const TimePoint began = Clock::now();
  drive(setup(), nobody, sessions);
  EXPECT_GE(Clock::now() - began, std::chrono::milliseconds(40));
  for (const auto& session : sessions) {
    ASSERT_EQ(witness(session).failures.size(), 3U);
    EXPECT_EQ(witness(session).failures[2].kind, Failure::Kind::refused);
    EXPECT_EQ(witness(session).failures[2].error_number, ECONNREFUSED);
  }
}

/// Waits for long, with nothing to say.
struct Waiting final : Session {
  Step on_open() override {
    return {.not_before = Clock::now() + std::chrono::hours(1),
            .then = Step::Then::more,
            .early_input = true};
  }
  Step on_bytes(Bytes) override { return {.then = Step::Then::close}; }
  Step on_failure(Failure failure) override {
    ended = failure.kind == Failure::Kind::closed;
    return {.then = Step::Then::close};
  }
  bool ended = false;
};

TEST_P(UringDrive, TellsWhoOnlyWaitsThatTheConnectionHasEnded) {
  const TestServer peer([](Client&) {});  // closes at once
  std::array<Waiting, 20> waiting;
  std::vector<Session*> sessions;
  for (Waiting& session : waiting) sessions.push_back(&session);
  uring::drive(Endpoint::loopback(peer.port()), sessions, {}, setup());
  for (const Waiting& session : waiting) EXPECT_TRUE(session.ended);
}

/// Says one byte and waits for the end.
struct Ended final : Session {
  Step on_open() override { return {.send = bytes_of("x")}; }
  Step on_bytes(Bytes) override { return {}; }
  Step on_failure(Failure failure) override {
    how = failure.kind;
    return {.then = Step::Then::close};
  }
  std::optional<Failure::Kind> how;
};

/// Says something long and keeps what is answered.
struct LongSpeaker final : Session {
  LongSpeaker(std::string text, bool hears_early)
      : said(std::move(text)), early_input(hears_early) {}
  Step on_open() override {
    return {.send = std::as_bytes(std::span(said)), .early_input = early_input};
  }
  Step on_bytes(Bytes bytes) override {
    on_early_bytes(bytes);
    return {.then = heard.size() < said.size() ? Step::Then::await_bytes : Step::Then::close};
  }
  Step on_early_bytes(Bytes bytes) override {
    heard.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }
  std::string said, heard;
  bool early_input;
};

TEST_P(UringDrive, KeepsApartWhatItSendsAndWhatIsAnsweredMeanwhile) {
  constexpr std::size_t first = 10'000;
  for (const bool early_input : {false, true}) {
    LongSpeaker speaker(pattern(16 << 20), early_input);  // more than both sockets' buffers hold
    const TestServer peer([&](Client& client) {
      client.send(client.receive(first));  // an answer while most is still to be sent
      client.send(client.receive(speaker.said.size() - first));
    });
    Session* const sessions[] = {&speaker};
    uring::drive(Endpoint::loopback(peer.port()), sessions, {}, setup());
    EXPECT_TRUE(speaker.heard == speaker.said) << early_input << ' ' << speaker.heard.size();
  }
}

TEST_P(UringDrive, FindsAnEndThatTheKernelDidNotReport) {
  if (!setup().features.multishot_receive) GTEST_SKIP() << "each receive is a new one";
  const TestServer peer([](Client& client) {
    client.receive(1);
    reset_unseen(other_end_of(client.get()));
    client.receive_all();
  });
  Ended session;
  Session* const sessions[] = {&session};
  uring::drive(Endpoint::loopback(peer.port()), sessions, {.until = Clock::now() + patience},
               setup());
  EXPECT_EQ(session.how, Failure::Kind::reset);
}

TEST_P(UringDrive, TellsOfSilence) {
  const Fd nobody_accepts = listen_on(Endpoint::loopback(0));
  const auto sessions = witnesses(50, 2);
  const TimePoint began = Clock::now();
  drive(setup(), Endpoint::loopback(port_of(nobody_accepts)), sessions);
  EXPECT_GE(Clock::now() - began, std::chrono::milliseconds(100));
  for (const auto& session : sessions) {
    EXPECT_EQ(witness(session).opened, 2);
    EXPECT_EQ(witness(session).silences, 2);
    EXPECT_TRUE(witness(session).failures.empty());
  }
}

TEST_P(UringDrive, CountsRunningOutOfDescriptorsAsAFailure) {
  Served server = serve();
  const auto sessions = witnesses(8);
  {
    Client first(server.port());
    ASSERT_EQ(first.ask("accepted"), "accepted");
    const DescriptorsLeft few(5);  // the driver's ring, and two connections with both their ends
    drive(setup(), server.endpoint(), sessions);
  }
  std::size_t failed = 0;
  for (const auto& session : sessions)
    for (const Failure& failure : witness(session).failures) {
      ++failed;
      EXPECT_EQ(failure.kind, Failure::Kind::refused);
      EXPECT_EQ(failure.error_number, EMFILE);
    }
  EXPECT_GE(failed, 4U);
  EXPECT_LT(failed, 8U);
}

TEST_P(UringDrive, DropsWhatIsGoingOnAtTheTimeGiven) {
  const std::size_t before = descriptors_of(getpid());
  const Fd nobody_accepts = listen_on(Endpoint::loopback(0));
  const auto sessions = witnesses(100, 1'000'000);
  const TimePoint began = Clock::now();
  drive(setup(), Endpoint::loopback(port_of(nobody_accepts)), sessions,
        {.until = began + std::chrono::milliseconds(100)});
  EXPECT_GE(Clock::now() - began, std::chrono::milliseconds(100));
  EXPECT_LT(Clock::now() - began, std::chrono::milliseconds(400) * sanitizer_factor);
  EXPECT_EQ(descriptors_of(getpid()), before + 1);
  StopSource stop;
  std::jthread stopper([&] {
    EXPECT_TRUE(eventually([&] { return descriptors_of(getpid()) >= before + 50; }));
    stop.request();
  });
  drive(setup(), Endpoint::loopback(port_of(nobody_accepts)), sessions, {.stop = stop.token()});
  EXPECT_EQ(descriptors_of(getpid()), before + 2) << "the listener, the stop";
}

TEST_P(UringDrive, LosesNoAnswerWhereTheyMayGather) {
  const Served server(best(), std::make_unique<ServiceOf<Scripted>>());
  expect_answers(setup(), server.endpoint(), 32, {{"requests", 500}}, {.gather = 0.5});
}

}  // namespace
}  // namespace contend::test
