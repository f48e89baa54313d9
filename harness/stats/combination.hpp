// One p-value of two stages.
//   combined_p(0.01, 0.002)
#pragma once

namespace contend {

/// The p-value of both stages together, by the inverse normal method with equal weights:
///   1 - Phi((z1 + z2) / sqrt 2),  z = Phi^-1(1 - p)
/// It is as good a p-value as one of a single stage, whatever was decided between the two by what
/// the first one said: whether there is a second one, and how long it is; as long as the weights
/// were fixed before, and what has no second stage is not rejected (P. Bauer and K. Köhne,
/// Evaluation of experiments with adaptive interim analyses, 1994; W. Lehmacher and G. Wassmer,
/// Adaptive sample size calculations in group sequential trials, 1999). The weights are equal since
/// the screen may take half of the budget. Both p from 0 to 1.
double combined_p(double first, double second);

}  // namespace contend
