// The HTTP/1.1 server as a Service.
#pragma once

#include <memory>

#include "workloads/workload.hpp"

namespace contend {

/// The server side of http, mixed and fetch. Sessions have no state in common.
class HttpService final : public Service {
 public:
  std::unique_ptr<Session> open() override;
};

}  // namespace contend
