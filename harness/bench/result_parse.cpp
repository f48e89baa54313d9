// The strict reading of result.json.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "harness/base/json.hpp"
#include "harness/bench/result.hpp"

namespace contend {
namespace {

using nlohmann::json;

template <typename T>
T natural(Fields& fields, std::string_view name, std::int64_t minimum = 0,
          std::int64_t maximum = INT64_MAX) {
  if constexpr (sizeof(T) < sizeof(std::int64_t))
    maximum = std::min(maximum, static_cast<std::int64_t>(std::numeric_limits<T>::max()));
  return static_cast<T>(fields.integer(name, minimum, maximum));
}

std::vector<unsigned> cpus_in(Fields& fields, std::string_view name) {
  std::vector<unsigned> cpus;
  fields.each(name, [&](const json& element, const std::string& where) {
    if (!element.is_number_unsigned() || element > UINT32_MAX)
      throw std::invalid_argument(where + ": must be the number of a CPU");
    cpus.push_back(element.get<unsigned>());
  });
  return cpus;
}

RunInfo parse_run(const json& value, const std::string& where) {
  Fields fields(value, where);
  RunInfo run{.id = fields.string("id"),
              .suite = fields.string("suite"),
              .seed = natural<std::uint64_t>(fields, "seed"),
              .rounds = natural<unsigned>(fields, "rounds", 1, max_rounds),
              .rounds_finished = natural<unsigned>(fields, "rounds_finished"),
              .complete = fields.boolean("complete"),
              .started_at = fields.string("started_at"),
              .finished_at = fields.nullable_string("finished_at"),
              .command = fields.strings("command")};
  fields.finish();
  return run;
}

EngineRecord parse_engine(const json& value, const std::string& where) {
  Fields fields(value, where);
  EngineRecord engine{.name = fields.string("name"),
                      .summary = fields.string("summary"),
                      .charted = fields.boolean("charted"),
                      .outside = fields.boolean_or("outside", false),
                      .unavailable = fields.nullable_string("unavailable")};
  fields.finish();
  return engine;
}

WorkloadRecord parse_workload(const json& value, const std::string& where) {
  Fields fields(value, where);
  WorkloadRecord workload{.name = fields.string("name"),
                          .summary = fields.string("summary"),
                          .role = role_in(fields, "role"),
                          .kinds = fields.strings("kinds")};
  fields.finish();
  return workload;
}

Interval parse_interval(const json& value, const std::string& where) {
  Fields fields(value, where);
  const Interval interval{.median = fields.number("median"),
                          .low = fields.nullable_number("low"),
                          .high = fields.nullable_number("high")};
  fields.finish();
  return interval;
}

CellResult::Status cell_status_of(const std::string& name) {
  if (name == "ok") return CellResult::Status::ok;
  if (name == "partial") return CellResult::Status::partial;
  return name == "failed" ? CellResult::Status::failed : CellResult::Status::skipped;
}

Cell parse_cell(Fields& fields) {
  Cell cell{.engine = fields.string("engine"),
            .workload = fields.string("workload"),
            .role = role_in(fields, "role"),
            .connections = 0,
            .options = {}};
  if (has_connections(cell.role))
    cell.connections = natural<unsigned>(fields, "connections", 1);
  else if (!fields.null("connections"))
    fields.refuse("connections", "must be null for the role run");
  const json& given = fields.object("parameters");
  Fields parameters(given, fields.path("parameters"));
  for (const auto& [name, unused] : given.items())
    cell.options.parameters.emplace(name, parameters.integer(name));
  cell.options.variant = fields.string("variant");
  cell.options.window = Duration(fields.integer("window_ns", 1));
  cell.options.warmup = Duration(fields.integer("warmup_ns", 0));
  cell.options.workers = natural<unsigned>(fields, "workers", 1);
  cell.options.spin = Duration(fields.integer("spin_ns", 0));
  cell.options.delay = Duration(fields.integer("delay_ns", 0));
  if (fields.string("id") != cell.id())
    fields.refuse("id", "must be " + quote_for_display(cell.id()) + " by the other fields");
  return cell;
}

CellResult parse_cell_result(const json& value, const std::string& where) {
  Fields fields(value, where);
  CellResult result;
  result.cell = parse_cell(fields);
  result.status = cell_status_of(fields.choice("status", {"ok", "partial", "failed", "skipped"}));
  result.reason = fields.nullable_string("reason");
  result.samples = natural<unsigned>(fields, "samples");
  result.failed_samples = natural<unsigned>(fields, "failed_samples");
  result.client_limited_samples = natural<unsigned>(fields, "client_limited_samples");
  result.errors = parse_errors(fields.object("errors"), fields.path("errors"));
  for (const auto& [name, interval] : fields.object("metrics").items())
    result.metrics.emplace(name, parse_interval(interval, fields.path("metrics") + "." + name));
  fields.finish();
  return result;
}

}  // namespace

Machine parse_machine(const json& value, const std::string& where) {
  Fields fields(value, where);
  Machine machine;
  machine.kernel = fields.string("kernel");
  machine.cpu_model = fields.string("cpu_model");
  machine.cores = natural<unsigned>(fields, "cores", 1);
  machine.memory_bytes = natural<std::uint64_t>(fields, "memory_bytes");
  machine.hypervisor = fields.nullable_string("hypervisor");
  machine.io_uring = fields.string("io_uring");
  machine.descriptor_limit = natural<std::uint64_t>(fields, "descriptor_limit");
  machine.fingerprint = fields.string("fingerprint");
  fields.finish();
  return machine;
}

BuildRecord parse_build(const json& value, const std::string& where) {
  Fields fields(value, where);
  BuildRecord build{.version = fields.string("version"),
                    .revision = fields.string("revision"),
                    .compiler = fields.string("compiler"),
                    .flags = fields.string("flags"),
                    .build_type = fields.string("build_type"),
                    .sanitizers = fields.string("sanitizers"),
                    .engine_binary_sha256 = fields.string("engine_binary_sha256")};
  fields.finish();
  return build;
}

Placement parse_placement(const json& value, const std::string& where) {
  Fields fields(value, where);
  Placement placement{.engine_cpus = cpus_in(fields, "engine_cpus"),
                      .load_cpus = cpus_in(fields, "load_cpus"),
                      .pinned = fields.boolean("pinned"),
                      .note = fields.nullable_string("note")};
  fields.finish();
  return placement;
}

Noise parse_noise(const json& value, const std::string& where) {
  Fields fields(value, where);
  const Noise noise{.steal_share = fields.nullable_number("steal_share"),
                    .foreign_cpu_share = fields.nullable_number("foreign_cpu_share")};
  fields.finish();
  return noise;
}

Result parse_result(const json& value, const std::string& where) {
  Fields fields(value, where);
  fields.integer("schema_version", schema_version, schema_version);
  const auto part = [&](const char* name, auto parse) {
    return parse(fields.object(name), fields.path(name));
  };
  Result result{.run = part("run", parse_run),
                .machine = part("machine", parse_machine),
                .build = part("build", parse_build),
                .placement = part("placement", parse_placement),
                .noise = part("noise", parse_noise),
                .engines = {},
                .workloads = {},
                .cells = {},
                .samples = {}};
  const auto parts = [&](const char* name, auto& into, auto parse) {
    fields.each(name, [&](const json& element, const std::string& element_where) {
      into.push_back(parse(element, element_where));
    });
  };
  parts("engines", result.engines, parse_engine);
  parts("workloads", result.workloads, parse_workload);
  std::set<std::string> ids;
  fields.each("cells", [&](const json& element, const std::string& element_where) {
    result.cells.push_back(parse_cell_result(element, element_where));
    if (!ids.insert(result.cells.back().cell.id()).second)
      throw std::invalid_argument(element_where + ".id: another cell has it too");
  });
  parts("samples", result.samples, parse_sample);
  fields.finish();
  return result;
}

}  // namespace contend
