// One run of load as shares of several processes: what each of them has to do, and what came of all
// together. It neither starts them nor carries anything between them, which is ranks.hpp's.
#pragma once

#include "harness/load/run.hpp"

namespace contend::load {

/// What process `rank` of `ranks` has to do. The connections and requests are shared out evenly;
/// the schedules of all make the one of the whole (Schedule::part), and the seeds of `poisson` come
/// from its one. No number of a connection or of a request is in two of them. Throws
/// std::invalid_argument where there are fewer connections or requests than processes.
RunSpec share_of(const RunSpec& whole, std::uint32_t rank, std::uint32_t ranks);

/// What the run with these shares was. `reports` and `ranks`, which has all but what is in the
/// reports, are by rank, of which there is one at least. Rows are merged by the second that they
/// are of, histograms counter by counter. Where every rank is to be trusted the whole is judged
/// like the load of one; else its verdict is that of the worst, with the reasons of all that are
/// not, by name.
RunReport merged(const std::vector<RunReport>& reports, std::vector<RankSummary> ranks);

}  // namespace contend::load
