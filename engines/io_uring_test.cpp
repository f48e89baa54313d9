// The io_uring engine with features of the kernel taken away and with queues that are too small,
// in this process, against plain sockets. What every engine must do is in conformance_*_test.cpp.
#include <sys/resource.h>

#include <numeric>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

#include "engines/test_client.hpp"
#include "engines/test_server.hpp"
#include "engines/uring/roles.hpp"
#include "workloads/request_log.hpp"

namespace contend::test {
namespace {

struct Case {
  const char* name;
  uring::Setup (*setup)();
};

uring::Setup best() {
  return {};
}
uring::Setup plain() {
  return {.features = {}};
}
uring::Setup cooperative() {
  uring::Setup setup;
  setup.features.defer_taskrun = false;
  return setup;
}
uring::Setup without_provided_buffers() {
  uring::Setup setup;
  setup.features.multishot_receive = false;
  return setup;
}
/// Everything overflows: submissions, completions, receive buffers (ENOBUFS), the backlog.
uring::Setup tiny() {
  return {
      .sizes = {.submissions = 4, .completions = 8, .receive_buffers = 2, .backlog_bytes = 4096}};
}
uring::Setup tiny_and_plain() {
  return {.features = {}, .sizes = {.submissions = 4, .completions = 8}};
}

constexpr Case cases[] = {
    {"Best", best},
    {"Plain", plain},
    {"Cooperative", cooperative},
    {"WithoutProvidedBuffers", without_provided_buffers},
    {"Tiny", tiny},
    {"TinyAndPlain", tiny_and_plain},
};

/// Says what its test tells it to; the default is a server that echoes.
class Scripted : public Session {
 public:
  Step on_open() override { return {}; }
  Step on_bytes(Bytes bytes) override { return {.send = bytes}; }
};

template <typename Made>
class ServiceOf final : public Service {
 public:
  std::unique_ptr<Session> open() override { return std::make_unique<Made>(); }
};

/// A server in a thread of its own.
class Served {
 public:
  Served(const uring::Setup& setup, std::unique_ptr<Service> service, ServeOptions options = {},
         Fd listener = listen_on(Endpoint::loopback(0), true))
      : service_(std::move(service)), port_(port_of(listener)) {
    thread_ = std::jthread([this, setup, options, held = std::move(listener)]() mutable {
      report_ = uring::serve(std::move(held), *service_, options, stop_.token(), setup);
    });
  }
  ~Served() { stop_.request(); }

  std::uint16_t port() const { return port_; }
  Endpoint endpoint() const { return Endpoint::loopback(port_); }
  ServeReport stop() {
    stop_.request();
    thread_.join();
    return report_;
  }

 private:
  StopSource stop_;
  std::unique_ptr<Service> service_;
  std::uint16_t port_;
  ServeReport report_;
  std::jthread thread_;
};

class Uring : public ::testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    if (const char* reason = uring::unavailable()) GTEST_SKIP() << reason;
  }
  static uring::Setup setup() { return GetParam().setup(); }
  template <typename Made = Scripted>
  static Served serve(ServeOptions options = {}) {
    return {setup(), std::make_unique<ServiceOf<Made>>(), options};
  }
};
INSTANTIATE_TEST_SUITE_P(Setups, Uring, ::testing::ValuesIn(cases),
                         [](const auto& one) { return std::string(one.param.name); });

/// Sends all of `message` while it receives the answer, which must be the same.
void expect_echo(Client& client, const std::string& message) {
  std::thread sender([&] { EXPECT_EQ(client.send(message), message.size()); });
  const std::string answer = client.receive(message.size());
  sender.join();
  EXPECT_TRUE(answer == message) << answer.size() << " of " << message.size() << " bytes";
}

TEST_P(Uring, EchoesBurstsOfOneMebibyte) {
  Served server = serve();
  Client client(server.port());
  for (std::uint32_t burst = 1; burst <= 3; ++burst) expect_echo(client, pattern(1 << 20, burst));
}

TEST_P(Uring, ServesMoreConnectionsThanItsQueuesHold) {
  Served server = serve();
  constexpr std::uint32_t connections = 200;
  std::vector<Client> clients;
  for (std::uint32_t i = 0; i < connections; ++i) clients.emplace_back(server.port());
  for (std::uint32_t round = 0; round < 3; ++round) {
    for (std::uint32_t i = 0; i < connections; ++i) clients[i].send(pattern(5000, i + round));
    for (std::uint32_t i = 0; i < connections; ++i)
      ASSERT_TRUE(clients[i].receive(5000) == pattern(5000, i + round)) << "connection " << i;
  }
  const ServeReport report = server.stop();
  EXPECT_EQ(report.accepted, connections);
  EXPECT_EQ(report.accept_pauses, 0U);
}

// Were receive buffers held for those who do not read, these would hold all of them.
TEST_P(Uring, IsNotHeldUpByTwoHundredPeersThatDoNotRead) {
  constexpr int buffer_bytes = 8 << 10;  // the kernel's, so that little is held there
  Fd listener = listen_on(Endpoint::loopback(0));
  for (const int which : {SO_SNDBUF, SO_RCVBUF})
    setsockopt(listener.get(), SOL_SOCKET, which, &buffer_bytes, sizeof buffer_bytes);
  Served server(setup(), std::make_unique<ServiceOf<Scripted>>(), {}, std::move(listener));
  std::vector<Client> stuck;
  for (int i = 0; i < 200; ++i) {
    stuck.emplace_back(server.port(), buffer_bytes);
    setsockopt(stuck.back().get(), SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof buffer_bytes);
    set_nonblocking(stuck.back().get(), true);
  }
  // More than a backlog and all receive buffers of a turn hold.
  const std::string message = pattern(8 << 20);
  std::vector<std::size_t> sent(stuck.size());
  int quiet = 0;
  EXPECT_TRUE(eventually([&] {
    const std::size_t before = std::reduce(sent.begin(), sent.end());
    for (std::size_t i = 0; i < stuck.size(); ++i)
      sent[i] += stuck[i].send(std::string_view(message).substr(sent[i]));
    quiet = std::reduce(sent.begin(), sent.end()) == before ? quiet + 1 : 0;
    return quiet == 10;
  }));
  EXPECT_LT(std::ranges::max(sent), message.size()) << "somebody holds without limit";

  Client reader(server.port());
  for (std::uint32_t i = 0; i < 50; ++i) ASSERT_EQ(reader.ask(pattern(700, i)), pattern(700, i));
  for (std::size_t i = 0; i < stuck.size(); i += 20) {
    set_nonblocking(stuck[i].get(), false);
    const std::string answer = stuck[i].receive(sent[i]);
    EXPECT_TRUE(answer == message.substr(0, sent[i])) << answer.size() << " of " << sent[i];
  }
}

TEST_P(Uring, AnswersAllBeforeItHearsOfTheEnd) {
  Served server = serve();
  for (const std::size_t size : {1U, 5'000U, 1U << 20}) {
    Client client(server.port());
    const std::string message = pattern(size);
    std::thread sender([&] {
      EXPECT_EQ(client.send(message), size);
      client.half_close();
    });
    EXPECT_TRUE(client.receive(size) == message) << size;
    sender.join();
    EXPECT_TRUE(client.at_end());
  }
}

TEST_P(Uring, OutlivesResets) {
  Served server = serve();
  for (int i = 0; i < 40; ++i) {
    Client client(server.port());
    client.set_patience(std::chrono::milliseconds(20));
    client.send(pattern(i % 4 == 0 ? 1 << 20 : 100));
    if (i % 2 == 0) client.receive(50);
    client.reset();
  }
  Client client(server.port());
  EXPECT_EQ(client.ask("still there?"), "still there?");
}

TEST_P(Uring, SeatsNoMoreThanTheLimit) {
  Served server = serve({.max_connections = 3});
  std::vector<Client> clients;
  for (int i = 0; i < 8; ++i) clients.emplace_back(server.port());
  for (Client& client : clients) client.send("x");
  for (std::size_t i = 0; i < clients.size(); ++i) {
    EXPECT_EQ(clients[i].receive(1), "x") << i;
    const auto seated = [&] {
      std::size_t readable = 0;
      for (std::size_t other = i + 1; other < clients.size(); ++other)
        readable += clients[other].readable() ? 1 : 0;
      return readable;
    };
    EXPECT_TRUE(eventually([&] { return seated() == std::min(clients.size() - i - 1, 2UL); })) << i;
    EXPECT_FALSE(eventually([&] { return seated() > 2; }, std::chrono::milliseconds(10)));
    clients[i].close();
  }
  EXPECT_EQ(server.stop().accepted, clients.size());
}

/// Lowers how many more descriptors this process may open, as long as it lives.
class DescriptorsLeft {
 public:
  explicit DescriptorsLeft(rlim_t count) {
    getrlimit(RLIMIT_NOFILE, &before_);
    const Fd lowest{dup(STDIN_FILENO)};
    const rlimit few{static_cast<rlim_t>(lowest.get()) + count, before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &few);
  }
  DescriptorsLeft(const DescriptorsLeft&) = delete;
  DescriptorsLeft& operator=(const DescriptorsLeft&) = delete;
  ~DescriptorsLeft() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST_P(Uring, PausesAcceptingWithoutDescriptorsAndRecovers) {
  Fd listener = listen_on(Endpoint::loopback(0));
  constexpr std::size_t count = 10, room = 3;
  std::vector<Client> clients;
  for (std::size_t i = 0; i < count; ++i) clients.emplace_back(port_of(listener)).send("x");
  const auto answered = [&] { return std::ranges::count_if(clients, &Client::readable); };
  std::optional<DescriptorsLeft> few(room + 2);  // the stop's event, and the ring
  Served server(setup(), std::make_unique<ServiceOf<Scripted>>(), {}, std::move(listener));
  EXPECT_TRUE(eventually([&] { return answered() == room; })) << answered();
  EXPECT_FALSE(eventually([&] { return answered() != room; }, 3 * accept_pause));
  EXPECT_EQ(clients[0].receive(1), "x");
  EXPECT_EQ(clients[0].ask("y"), "y") << "while others wait to be accepted";
  clients[0].close();  // two descriptors, since its peer's is here too
  EXPECT_TRUE(eventually([&] { return answered() == room - 1 + 2; })) << answered();
  few.reset();
  EXPECT_TRUE(eventually([&] { return answered() == count - 1; })) << answered();
  const ServeReport report = server.stop();
  EXPECT_EQ(report.accepted, count);
  EXPECT_GE(report.accept_pauses, 2U);
  EXPECT_LE(report.accept_pauses, 1000U) << "a busy loop";
}

TEST_P(Uring, StopsInMidFlightAndLeavesNoDescriptor) {
  const std::size_t before = descriptors_of(getpid());
  {
    Served server = serve();
    std::vector<Client> clients;
    for (int i = 0; i < 100; ++i) clients.emplace_back(server.port());
    for (Client& client : clients) {
      client.set_patience(std::chrono::milliseconds(1));
      client.send(pattern(100'000));
    }
    Client last(server.port());
    last.ask("all are accepted");
    const TimePoint stopped = Clock::now();
    EXPECT_EQ(server.stop().accepted, 101U);
    EXPECT_LT(Clock::now() - stopped, std::chrono::seconds(1) * sanitizer_factor);
  }
  EXPECT_EQ(descriptors_of(getpid()), before);
}

TEST_P(Uring, ServesWithSeveralLoopsThatSpin) {
  Served server = serve({.workers = 3, .spin = std::chrono::microseconds(200)});
  std::vector<Client> clients;
  for (int i = 0; i < 30; ++i) clients.emplace_back(server.port());
  for (int round = 0; round < 5; ++round)
    for (Client& client : clients) ASSERT_EQ(client.ask("round and round"), "round and round");
  EXPECT_EQ(server.stop().accepted, 30U);
}

/// Answers each message 30 ms later, then with some more in pieces.
class Held : public Scripted {
 public:
  Step on_bytes(Bytes bytes) override {
    left_ = 3;
    return {.send = bytes,
            .not_before = Clock::now() + std::chrono::milliseconds(30),
            .then = Step::Then::more};
  }
  Step on_sent() override {
    static constexpr std::byte piece[2] = {std::byte{'+'}, std::byte{'-'}};
    if (--left_ > 0) return {.send = Bytes(piece).first(1), .then = Step::Then::more};
    return {.send = Bytes(piece).last(1)};
  }

 private:
  int left_ = 0;
};

TEST_P(Uring, HoldsStepsAndWhatComesMeanwhile) {
  Served server = serve<Held>();
  Client client(server.port());
  const TimePoint asked = Clock::now();
  client.send("a");
  EXPECT_EQ(client.receive(1), "a");
  EXPECT_GE(Clock::now() - asked, std::chrono::milliseconds(30));
  client.send("b");
  EXPECT_EQ(client.receive(4), "++-b");
  client.send(std::string(100'000, 'c'));  // held in part by us, in part by the kernel
  client.half_close();
  const std::string rest = client.receive_all();
  EXPECT_TRUE(rest.starts_with("++-c"));
  EXPECT_EQ(std::ranges::count(rest, 'c'), 100'000);
  EXPECT_EQ(rest.substr(rest.size() - 3), "++-");
}

/// Refuses everything in the manner of an error page.
class Refusing : public Scripted {
 public:
  Step on_bytes(Bytes) override {
    static constexpr std::byte no[2] = {std::byte{'n'}, std::byte{'o'}};
    return {.send = no, .then = Step::Then::linger};
  }
};

TEST_P(Uring, LingersSoThatTheAnswerArrives) {
  Served server = serve<Refusing>();
  Client client(server.port());
  EXPECT_EQ(client.send(pattern(300'000)), 300'000U);
  EXPECT_EQ(client.receive_all(), "no");
  EXPECT_EQ(client.error(), 0) << "a reset";
  client.close();
  Client stays(server.port());
  stays.send("x");
  EXPECT_EQ(stays.receive_all(), "no");
  const TimePoint before = Clock::now();
  EXPECT_TRUE(eventually([&] { return stays.send("x") == 0; })) << "closed after a while";
  EXPECT_LT(Clock::now() - before, linger_limit * 4 * sanitizer_factor);
}

/// Runs `drive` with these sessions here.
void drive(const uring::Setup& setup, const Endpoint& endpoint,
           const std::vector<std::unique_ptr<Session>>& sessions,
           const DriveOptions& options = {}) {
  std::vector<Session*> borrowed;
  for (const auto& session : sessions) borrowed.push_back(session.get());
  uring::drive(endpoint, borrowed, options, setup);
}

TEST_P(Uring, DrivesClientsThatComeAndGo) {
  const Workload& echo = find_workload("echo");
  Served server(best(), std::make_unique<ServiceOf<Scripted>>());
  constexpr std::uint32_t clients = 150, requests = 20;
  for (const std::int64_t per_connection : {0, 3}) {
    const Parameters parameters(echo.parameters, {{"size_bytes", 900},
                                                  {"pipeline", 4},
                                                  {"requests", requests},
                                                  {"requests_per_connection", per_connection}});
    RequestLog log(clients, requests);
    std::vector<std::unique_ptr<Session>> sessions;
    for (std::uint32_t i = 0; i < clients; ++i) sessions.push_back(echo.client(parameters, i, log));
    drive(setup(), server.endpoint(), sessions, {.max_parallel = 100});
    const auto entries = log.entries();
    EXPECT_EQ(entries.size(), clients * requests);
    EXPECT_EQ(std::ranges::count(entries, true, &RequestLog::Entry::ok), clients * requests);
  }
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
  Step on_silence() override {
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

TEST_P(Uring, TellsOfRefusedConnectionsAndBacksOff) {
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
    return {.not_before = Clock::now() + std::chrono::hours(1), .then = Step::Then::more};
  }
  Step on_bytes(Bytes) override { return {.then = Step::Then::close}; }
  Step on_failure(Failure failure) override {
    ended = failure.kind == Failure::Kind::closed;
    return {.then = Step::Then::close};
  }
  bool ended = false;
};

TEST_P(Uring, TellsWhoOnlyWaitsThatTheConnectionHasEnded) {
  const TestServer peer([](Client&) {});  // closes at once
  std::array<Waiting, 20> waiting;
  std::vector<Session*> sessions;
  for (Waiting& session : waiting) sessions.push_back(&session);
  uring::drive(Endpoint::loopback(peer.port()), sessions, {}, setup());
  for (const Waiting& session : waiting) EXPECT_TRUE(session.ended);
}

/// Says something long and keeps what is answered.
struct LongSpeaker final : Session {
  explicit LongSpeaker(std::string text) : said(std::move(text)) {}
  Step on_open() override { return {.send = std::as_bytes(std::span(said))}; }
  Step on_bytes(Bytes bytes) override {
    heard.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {.then = heard.size() < said.size() ? Step::Then::await_bytes : Step::Then::close};
  }
  std::string said, heard;
};

TEST_P(Uring, KeepsApartWhatItSendsAndWhatIsAnsweredMeanwhile) {
  constexpr std::size_t first = 1000;
  LongSpeaker speaker(pattern(16 << 20));  // more than both sockets' buffers hold
  const TestServer peer([&](Client& client) {
    client.send(client.receive(first));  // an answer while most is still to be sent
    client.send(client.receive(speaker.said.size() - first));
  });
  Session* const sessions[] = {&speaker};
  uring::drive(Endpoint::loopback(peer.port()), sessions, {}, setup());
  EXPECT_TRUE(speaker.heard == speaker.said) << speaker.heard.size();
}

TEST_P(Uring, TellsOfSilence) {
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

TEST_P(Uring, CountsRunningOutOfDescriptorsAsAFailure) {
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

TEST_P(Uring, DropsWhatIsGoingOnAtTheTimeGiven) {
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

TEST_P(Uring, PerformsJobsInTheOrderInWhichTheirWaitsEnd) {
  constexpr std::size_t count = 1000;
  std::vector<Job> jobs(count);
  for (std::size_t i = 0; i < count; ++i)
    jobs[i] = {.wait = std::chrono::microseconds(50) * (count - i),
               .compute = [](std::uint64_t n) { return n * n; },
               .argument = i,
               .expected = i * i};
  jobs[7].wait = {};
  const TimePoint began = Clock::now();
  uring::run(jobs, {}, setup());
  EXPECT_LT(Clock::now() - began, std::chrono::seconds(1) * sanitizer_factor) << "one by one?";
  for (const Job& job : jobs) {
    ASSERT_TRUE(job.correct());
    ASSERT_GE(job.computing, job.started + job.wait);
  }
  EXPECT_LT(jobs[900].finished, jobs[100].computing);
}

TEST_P(Uring, StartsAJobThatDoesNotWaitWhenItsTurnComes) {
  std::vector<Job> jobs(4);
  for (Job& job : jobs) job.compute = [](std::uint64_t) { return std::uint64_t{0}; };
  uring::run(jobs, {}, setup());
  for (std::size_t i = 1; i < jobs.size(); ++i)
    EXPECT_GE(jobs[i].started, jobs[i - 1].finished) << i;
}

TEST_P(Uring, LeavesJobsUnfinishedAtAStop) {
  std::vector<Job> jobs(50);
  for (Job& job : jobs) job.wait = std::chrono::hours(1);
  jobs[0].wait = {};
  static StopSource* told = nullptr;
  StopSource stop;
  told = &stop;
  jobs[0].compute = [](std::uint64_t) {
    told->request();
    return std::uint64_t{0};
  };
  uring::run(jobs, {.stop = stop.token()}, setup());
  EXPECT_TRUE(jobs[0].correct());
  EXPECT_FALSE(jobs[1].correct());
}

TEST(UringFeatures, AreNamed) {
  EXPECT_EQ(uring::Features{}.text(), "plain io_uring");
  EXPECT_EQ((uring::Features{.coop_taskrun = true, .multishot_accept = true}).text(),
            "COOP_TASKRUN, multishot accept");
}

TEST(UringUnavailable, SaysHowToMendIt) {
  const auto says = [](int error_number, int disabled, std::string_view what) {
    const std::string reason = uring::unavailable_because(error_number, disabled);
    EXPECT_NE(reason.find(what), std::string::npos) << reason;
  };
  says(ENOSYS, -1, "CONFIG_IO_URING");
  says(EPERM, 2, "kernel.io_uring_disabled=0");
  says(EPERM, 1, "kernel.io_uring_group");
  says(EPERM, 0, "seccomp");
  says(EPERM, -1, "seccomp");
  says(ENOMEM, 0, "ulimit -l");
  says(EMFILE, 0, "ulimit -n");
  says(EIO, 0, "strace");
}

}  // namespace
}  // namespace contend::test
