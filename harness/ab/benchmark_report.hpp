// What a program made with Google Benchmark says of itself: the names that it lists, and the JSON
// that it reports. It starts no program.
//   parse_benchmark_report(text, "record")       fitting_names({"merge<int>/8"})
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/bench/sample.hpp"

namespace contend::ab {

/// The lines of --benchmark_list_tests. Throws std::invalid_argument that shows the line which can
/// be no name, for two of the same name, for more than `max_cells`, and for none at all.
std::vector<std::string> parse_benchmark_list(std::string_view text, const std::string& where);

/// The benchmark's iterations, from the text of --benchmark_format=json
/// (https://github.com/google/benchmark/blob/main/docs/user_guide.md#output-formats, as version
/// 1.7.1 writes it), as a sample's operations, window and metrics: an iteration is an operation.
/// Where the benchmark was repeated, the times are the mean by iteration; aggregates are left
/// alone. Throws ChildFailure with the message of a benchmark that reports an error, and
/// std::invalid_argument that names the field where the text is not as it should be.
void take_benchmark_report(std::string_view text, const std::string& name, Sample& sample);

/// The names as parts of a cell's id, which may hold letters, digits, "_", "." and "-": a "/"
/// becomes ".", whatever else "_". Each is another one; where two would be the same, the later one
/// gets a number.
std::vector<std::string> fitting_names(const std::vector<std::string>& names);

/// A regular expression (POSIX extended, and ECMAScript's) that matches this name and no other.
std::string pattern_of(std::string_view name);

}  // namespace contend::ab
