// The command line of contend.
#pragma once

#include <functional>

namespace contend {

/// Parses the command line and does nothing of what it asks for, not even print. Returns what is to
/// be done: call it to do it and to get the exit code; it throws what goes wrong. Help and wrong
/// use are printed by it, too.
std::function<int()> parse(int argc, char** argv);

}  // namespace contend
