// Who started this process, as its environment tells, and the library that speaks with the others.
#include "harness/load/ranks/carrier.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace contend::load {
namespace {

using MakeCarrier = Carrier*();

/// So many processes were started together, as Open MPI's mpirun says, MPICH's or Slurm's with
/// PMI, or Slurm's with PMIx; 1 where nobody says anything.
std::uint32_t started_together() {
  const auto number = [](const char* name) {
    const char* const text = std::getenv(name);
    return text == nullptr ? 0 : static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10));
  };
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"})
    if (const std::uint32_t count = number(name); count > 0) return count;
  if (std::getenv("PMIX_RANK") == nullptr) return 1;
  return std::max(number("SLURM_STEP_NUM_TASKS"), 1U);
}

}  // namespace

std::unique_ptr<Carrier> find_carrier() {
  const std::uint32_t started = started_together();
  if (started <= 1) return nullptr;
  const auto library =
      std::filesystem::read_symlink("/proc/self/exe").replace_filename("contend-mpi.so");
  if (!std::filesystem::exists(library))
    throw std::invalid_argument(fmt::format(
        "mpirun started {} of this, and it was built without MPI, so each would put the whole load "
        "on the server; install libopenmpi-dev and build it anew",
        started));
  // MPI's own plugins look for its symbols among those of the program.
  void* const opened = dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (opened == nullptr)
    throw std::invalid_argument(fmt::format("can't speak MPI: {}; install openmpi-bin", dlerror()));
  const auto make = reinterpret_cast<MakeCarrier*>(dlsym(opened, "contend_mpi_carrier"));
  if (make == nullptr) throw std::invalid_argument(fmt::format("can't speak MPI: {}", dlerror()));
  std::unique_ptr<Carrier> carrier(make());
  if (carrier->ranks() != started)
    throw std::invalid_argument(fmt::format(
        "{} of this were started together and Open MPI knows of {}; start them with Open "
        "MPI's mpirun, or srun --mpi=pmix",
        started, carrier->ranks()));
  return carrier;
}

}  // namespace contend::load
