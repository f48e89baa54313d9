// The exit codes of contend and contend-engine. 0: all is well.
#pragma once

namespace contend {

inline constexpr int exit_failed = 1;         ///< The verdict is bad, or nothing could be done.
inline constexpr int exit_wrong_use = 2;      ///< The command line or a file it names is wrong.
inline constexpr int exit_no_verdict = 3;     ///< The figures are not trusted, or are too few.
inline constexpr int exit_unavailable = 77;   ///< It can't be done on this machine (host protocol).
inline constexpr int exit_interrupted = 130;  ///< As shells report a program that SIGINT ended.

}  // namespace contend
