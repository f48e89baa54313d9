// Standard input, output and error of a program of ours: they are open, and nothing that is written
// to standard output is lost unseen.
//   int main() { open_standard_streams(); puts("done"); flush_standard_output(); }
#pragma once

namespace contend {

/// Opens /dev/null as each of the descriptors 0, 1 and 2 that is closed, so that no file or socket
/// that the program opens later becomes one of them. Call it first in `main`. Throws
/// std::system_error if there is no /dev/null.
void open_standard_streams();

/// Writes out what is buffered for standard output. Throws std::system_error if that, or anything
/// written before, failed. If standard output is a pipe that is closed at its other end, it ends
/// the program instead, as end_if_output_is_closed does.
void flush_standard_output();

/// Ends the program by SIGPIPE if standard output failed and is a pipe that is closed at its other
/// end, as in `contend list | head -1`. That is what the default of SIGPIPE does to most programs
/// (signal(7)); ours ignore the signal, since their other pipes and sockets may close at any time.
void end_if_output_is_closed();

}  // namespace contend
