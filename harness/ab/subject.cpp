// What is compared.
#include "harness/ab/subject.hpp"

#include "harness/machine/noise.hpp"

namespace contend::ab {

Sample with_noise(const std::function<Sample()>& measure) {
  const CpuReading before = read_cpu();
  Sample sample = measure();
  const Noise noise = noise_between(before, read_cpu());
  sample.metrics["steal_share"] = noise.steal_share;
  sample.metrics["foreign_cpu_share"] = noise.foreign_cpu_share;
  return sample;
}

}  // namespace contend::ab
