// What can be played, as docs/host-protocol.md has it.
#include "engines/host/listing.hpp"

#include "engines/engine.hpp"

namespace contend {

using nlohmann::json;

json listing() {
  json engine_list = json::array(), workload_list = json::array();
  for (const Engine& engine : engines()) {
    json roles = json::array();
    if (engine.serve != nullptr) roles.push_back("serve");
    if (engine.drive != nullptr) roles.push_back("drive");
    if (engine.run != nullptr) roles.push_back("run");
    if (engine.lesson != nullptr) roles.push_back("lesson");
    const char* reason = engine.unavailable == nullptr ? nullptr : engine.unavailable();
    engine_list.push_back({{"name", engine.name},
                           {"summary", engine.summary},
                           {"charted", engine.charted},
                           {"roles", roles},
                           {"scales", engine.scales},
                           {"spins", engine.spins},
                           {"delays", engine.delays},
                           {"unavailable", reason == nullptr ? json() : json(reason)}});
  }
  for (const Workload& workload : workloads()) {
    json parameters = json::array();
    for (const ParameterSpec& spec : workload.parameters)
      parameters.push_back({{"name", spec.name},
                            {"default", spec.fallback},
                            {"minimum", spec.minimum},
                            {"maximum", spec.maximum},
                            {"meaning", spec.meaning}});
    workload_list.push_back({{"name", workload.name},
                             {"summary", workload.summary},
                             {"role", to_string(workload.role)},
                             {"kinds", workload.kinds},
                             {"has_service", workload.service != nullptr},
                             {"has_clients", workload.client != nullptr},
                             {"has_jobs", workload.jobs != nullptr},
                             {"parameters", parameters}});
  }
  return {{"engines", engine_list}, {"workloads", workload_list}};
}

}  // namespace contend
