// What an engine on this runtime plays: the three roles, for any poller.
#pragma once

#include "engines/coro/poller.hpp"
#include "engines/engine.hpp"

namespace contend::coro {

/// See Engine::serve, Engine::drive and Engine::run.
ServeReport serve(MakePoller make_poller, Fd listener, Service& service,
                  const ServeOptions& options, StopToken stop);
void drive(MakePoller make_poller, const Endpoint& endpoint, std::span<Session* const> sessions,
           const DriveOptions& options);
void run(MakePoller make_poller, std::span<Job> jobs, const RunOptions& options);

}  // namespace contend::coro
