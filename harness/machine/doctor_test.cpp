// What the doctor says about made-up machines, and that a calibration measures.
#include "harness/machine/doctor.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "engines/uring/ring.hpp"

namespace contend {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

/// A machine with nothing to mend.
Examination healthy() {
  Examination e;
  e.machine = {.kernel = "Linux 6.1 x86_64",
               .cpu_model = "Example CPU",
               .cores = 8,
               .memory_bytes = 16ULL << 30,
               .hypervisor = std::nullopt,
               .io_uring = "available",
               .descriptor_limit = 65536,
               .fingerprint = "0123456789abcdef",
               .ephemeral_ports = {{32768, 60999}},
               .time_wait_reuse = 2,
               .max_backlog = 4096,
               .huge_pages = "madvise",
               .governor = "performance",
               .cpu_quota = std::nullopt};
  e.placement = {.engine_cpus = {0, 1, 2}, .load_cpus = {3}, .pinned = true, .note = std::nullopt};
  e.build = {.version = "0.1.0",
             .revision = "abc",
             .compiler = "g++",
             .flags = "-O2",
             .build_type = "Release",
             .sanitizers = ""};
  const Variation quiet{.slices = 200,
                        .median_ns = 5e6,
                        .coefficient_of_variation = 0.01,
                        .lag1_autocorrelation = 0.1};
  e.calibration = {.work = quiet,
                   .round_trips = quiet,
                   .noise = {.steal_share = 0.0, .foreign_cpu_share = 0.01}};
  return e;
}

std::string only_advice(const Examination& examination) {
  const auto advice = advise(examination);
  if (advice.size() != 1) return "advice: " + std::to_string(advice.size());
  return advice[0].finding + " | " + advice[0].remedy;
}

TEST(DoctorTest, AHealthyMachineHasNothingToMend) {
  EXPECT_TRUE(advise(healthy()).empty());
  EXPECT_NE(examination_text(healthy()).find("Nothing to mend."), std::string::npos);
}

TEST(DoctorTest, EachAilmentHasItsRemedy) {
  struct Case {
    const char* expected;
    void (*spoil)(Examination&);
  };
  const Case cases[] = {
      {"io_uring_disabled=0",
       [](Examination& e) { e.machine.io_uring = uring::unavailable_because(EPERM, 2); }},
      {"CONFIG_IO_URING",
       [](Examination& e) { e.machine.io_uring = uring::unavailable_because(ENOSYS, -1); }},
      {"ulimit -Hn", [](Examination& e) { e.machine.descriptor_limit = 1024; }},
      {"ip_local_port_range",
       [](Examination& e) {
         e.machine.ephemeral_ports = {{50000, 50999}};
       }},
      {"tcp_tw_reuse=2", [](Examination& e) { e.machine.time_wait_reuse = 0; }},
      {"somaxconn=4096", [](Examination& e) { e.machine.max_backlog = 128; }},
      {"echo madvise", [](Examination& e) { e.machine.huge_pages = "always"; }},
      {"cpupower", [](Examination& e) { e.machine.governor = "powersave"; }},
      {"without a CPU limit", [](Examination& e) { e.machine.cpu_quota = 0.5; }},
      {"four cores", [](Examination& e) { e.placement.note = "one CPU only"; }},
      {"--preset release", [](Examination& e) { e.build.build_type = "Debug"; }},
      {"with sanitizers", [](Examination& e) { e.build.sanitizers = "thread"; }},
      {"2.0 % of the CPU time to others",
       [](Examination& e) { e.calibration.noise.steal_share = 0.02; }},
      {"10 % of the CPU time", [](Examination& e) { e.calibration.noise.foreign_cpu_share = 0.1; }},
      {"vary by 9.0 % |",
       [](Examination& e) { e.calibration.work.coefficient_of_variation = 0.09; }},
      {"vary by 30.0 %, and slow times come in runs",
       [](Examination& e) {
         e.calibration.round_trips.coefficient_of_variation = 0.3;
         e.calibration.round_trips.lag1_autocorrelation = 0.7;
       }},
  };
  for (const auto& [expected, spoil] : cases) {
    Examination e = healthy();
    spoil(e);
    EXPECT_NE(only_advice(e).find(expected), std::string::npos)
        << expected << " not in: " << only_advice(e);
    EXPECT_NE(examination_text(e).find("To mend:\n- "), std::string::npos);
    EXPECT_EQ(examination_json(e)["advice"].size(), 1U);
  }
}

TEST(DoctorTest, WhatTheKernelDoesNotTellIsNoAilment) {
  const Examination known = healthy();
  Examination e;
  e.machine.io_uring = known.machine.io_uring;
  e.machine.descriptor_limit = known.machine.descriptor_limit;
  e.build = known.build;
  EXPECT_TRUE(advise(e).empty());
  const json document = examination_json(e);
  EXPECT_TRUE(document["limits"]["first_port"].is_null());
  EXPECT_TRUE(document["noise"]["steal_share"].is_null());
  EXPECT_TRUE(document["calibration"]["work"]["lag1_autocorrelation"].is_null());
  EXPECT_NE(examination_text(e).find("the kernel does not tell"), std::string::npos);
}

TEST(CalibrationTest, VariationIsThatOfTheSlices) {
  const std::vector<double> alternating{1, 3, 1, 3, 1, 3, 1, 3, 1, 3};
  const Variation variation = variation_of(alternating);
  EXPECT_EQ(variation.slices, 10U);
  EXPECT_DOUBLE_EQ(variation.median_ns, 2);
  EXPECT_NEAR(variation.coefficient_of_variation.value(), std::sqrt(10.0 / 9) / 2, 1e-12);
  EXPECT_NEAR(variation.lag1_autocorrelation.value(), -0.9, 1e-12);

  // An autoregressive series x' = 0.7 x + noise has the lag-1 autocorrelation 0.7.
  std::mt19937_64 random(5);
  std::normal_distribution<double> normal;
  std::vector<double> series(20'000, 0);
  for (std::size_t i = 1; i < series.size(); ++i) series[i] = 0.7 * series[i - 1] + normal(random);
  EXPECT_NEAR(variation_of(series).lag1_autocorrelation.value(), 0.7, 0.03);
  for (double& value : series) value += 100;
  EXPECT_NEAR(variation_of(series).coefficient_of_variation.value(), 1.4 / 100, 0.001);
}

TEST(CalibrationTest, TooFewSlicesHaveNoVariation) {
  EXPECT_EQ(variation_of({}).slices, 0U);
  const std::vector<double> one{5}, two{5, 6}, same{5, 5, 5};
  EXPECT_EQ(variation_of(one).median_ns, 5);
  EXPECT_EQ(variation_of(one).coefficient_of_variation, std::nullopt);
  EXPECT_TRUE(variation_of(two).coefficient_of_variation.has_value());
  EXPECT_EQ(variation_of(two).lag1_autocorrelation, std::nullopt);
  EXPECT_EQ(variation_of(same).coefficient_of_variation, 0);
  EXPECT_EQ(variation_of(same).lag1_autocorrelation, std::nullopt);
}

TEST(CalibrationTest, MeasuresThisMachine) {
  const Placement placement = choose_placement(cores_allowed());
  const TimePoint began = Clock::now();
  const Calibration calibration = calibrate(placement, 50ms);
  EXPECT_GE(Clock::now() - began, 100ms);
  for (const Variation& one : {calibration.work, calibration.round_trips}) {
    EXPECT_GE(one.slices, 1U);
    EXPECT_GT(one.median_ns, 1e5);
    EXPECT_LT(one.median_ns, 2e9);
  }
  Examination examination{read_machine(), placement, build_info(), calibration};
  EXPECT_NE(examination_text(examination).find(examination.machine.kernel), std::string::npos);
  EXPECT_EQ(examination_json(examination)["machine"], machine_json(examination.machine));
}

}  // namespace
}  // namespace contend
