// The lessons of workloads/lessons.cpp, played by this runtime.
#pragma once

#include <string_view>

#include "engines/coro/poller.hpp"
#include "engines/lesson.hpp"
#include "workloads/workload.hpp"

namespace contend::coro {

/// See Engine::lesson.
void teach(MakePoller make_poller, std::string_view lesson, const Parameters& parameters,
           LessonReport& report);

}  // namespace contend::coro
