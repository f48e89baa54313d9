// What the io_uring engine plays: the three roles, with the kernel's features as a parameter.
#pragma once

#include "engines/engine.hpp"
#include "engines/uring/ring.hpp"

namespace contend::uring {

/// See Engine::serve, Engine::drive and Engine::run.
ServeReport serve(Fd listener, Service& service, const ServeOptions& options, StopToken stop,
                  const Setup& setup);
void drive(const Endpoint& endpoint, std::span<Session* const> sessions,
           const DriveOptions& options, const Setup& setup);
void run(std::span<Job> jobs, const RunOptions& options, const Setup& setup);

}  // namespace contend::uring
