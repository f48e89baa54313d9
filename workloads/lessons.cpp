// The lessons: what a runtime does with tasks, which no other workload asks for. An engine that has
// tasks plays them (engines/coro/lessons.cpp), and so may an outside program; the runs are small
// enough to be drawn. Try it:   contend-engine lesson epoll timeout
#include "workloads/workload.hpp"

namespace contend {
namespace {

constexpr ParameterSpec executor_parameters[] = {
    {"limit", 100'000'000, 0, 100'000'000'000, "what each counts to, in another process"},
    {"jobs", 2, 1, 64, "how many count"},
    {"wait_ms", 10, 1, 60'000, "the delay beside them"},
};

constexpr ParameterSpec blocking_client_parameters[] = {
    {"clients", 3, 1, 64, "coroutines that each make one GET, with a client that blocks"},
    {"delay_ms", 100, 1, 60'000, "how long the server takes to answer"},
};

constexpr ParameterSpec cancel_parameters[] = {
    {"ticks", 5, 1, 1000, "after so many the long task is cancelled"},
    {"tick_ms", 100, 1, 60'000, "how long each takes"},
    {"work_ms", 1000, 1, 600'000, "how long the task would take"},
};

constexpr ParameterSpec timeout_parameters[] = {
    {"work_ms", 300, 1, 60'000, "how long the task takes"},
    {"timeout_ms", 100, 1, 60'000, "how long it is waited for; less than that"},
};

constexpr ParameterSpec debug_parameters[] = {
    {"block_ms", 200, 2, 60'000, "how long a task keeps the loop; half of it is reported as slow"},
};

}  // namespace

extern const Workload executor_lesson{.name = "executor",
                                      .summary = "counting in other processes, beside a delay",
                                      .role = Role::lesson,
                                      .parameters = executor_parameters};
extern const Workload blocking_client_lesson{
    .name = "blocking_client",
    .summary = "coroutines whose client blocks, so that each waits for the one before",
    .role = Role::lesson,
    .parameters = blocking_client_parameters};
extern const Workload cancel_lesson{.name = "cancel",
                                    .summary = "a long task, cancelled after some ticks",
                                    .role = Role::lesson,
                                    .parameters = cancel_parameters};
extern const Workload timeout_lesson{.name = "timeout",
                                     .summary = "a task that is cancelled by its timeout",
                                     .role = Role::lesson,
                                     .parameters = timeout_parameters};
extern const Workload shield_lesson{.name = "shield",
                                    .summary = "a shielded task, which finishes after its timeout",
                                    .role = Role::lesson,
                                    .parameters = timeout_parameters};
extern const Workload debug_lesson{.name = "debug",
                                   .summary = "debug mode names the task that keeps the loop",
                                   .role = Role::lesson,
                                   .parameters = debug_parameters};

}  // namespace contend
