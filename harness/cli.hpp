// The command line of contend.
#pragma once

namespace contend {

/// Parses and carries out. Returns the exit code; what goes wrong is thrown.
int carry_out(int argc, char** argv);

}  // namespace contend
