// contend: measures concurrency models. Try it: contend list; contend bench --suite smoke
#include <iostream>
#include <new>
#include <stdexcept>

#include "engines/exit_codes.hpp"
#include "engines/standard_streams.hpp"
#include "harness/ab/broken_run.hpp"
#include "harness/base/interruption.hpp"
#include "harness/base/text.hpp"
#include "harness/cli.hpp"
#include "harness/process/child.hpp"

namespace {

int complain(const std::exception& error, int code) {
  std::cerr << "contend: " << contend::terminal_text(error.what()) << '\n';
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    contend::open_standard_streams();
    const int code = contend::parse(argc, argv)();
    contend::flush_standard_output();
    return code;
  } catch (const contend::Interrupted& error) {
    return complain(error, contend::exit_interrupted);
  } catch (const contend::ChildUnavailable& error) {
    return complain(error, contend::exit_unavailable);
  } catch (const contend::ab::BrokenRun& error) {
    return complain(error, contend::exit_wrong_use);
  } catch (const std::invalid_argument& error) {
    return complain(error, contend::exit_wrong_use);
  } catch (const std::bad_alloc&) {
    return complain(std::runtime_error("out of memory; raise the limit with ulimit -v"),
                    contend::exit_failed);
  } catch (const std::exception& error) {
    contend::end_if_output_is_closed();
    return complain(error, contend::exit_failed);
  }
}
