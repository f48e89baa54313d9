# Fuzzers: x_fuzz.cpp beside x.cpp is the program x_fuzz, and what lies in x_seeds/ is where it begins.
# They need clang's libFuzzer and get a build of their own (preset fuzz), without the other tests.
set(CONTEND_FUZZ_SECONDS 40 CACHE STRING "How long the tests of all fuzzers take, added up")
enable_testing()
add_custom_target(fuzzers)

# What reads, and what that needs, so that there is little to build: no engine, and nothing that measures.
set(readers engines/net.cpp engines/uring/buffers.cpp engines/uring/ring.cpp)
foreach(name base/files base/folders base/json base/table base/text base/time bench/result bench/result_parse
    bench/sample bench/suite load/objective load/request/request load/request/requests_file load/request/target
    load/schedule/schedule load/schedule/stages load/search/sweep machine/machine machine/noise machine/placement
    process/child process/guard process/host_list process/manifest stats/histogram stats/medians)
  list(APPEND readers harness/${name}.cpp)
endforeach()
add_library(contend_readers STATIC ${readers})
target_link_libraries(contend_readers PUBLIC contend_workloads nlohmann_json::nlohmann_json llhttp
  PRIVATE PkgConfig::liburing)
target_compile_options(contend_readers PRIVATE -O0)
contend_together(contend_readers)

file(GLOB_RECURSE fuzzers CONFIGURE_DEPENDS workloads/*_fuzz.cpp harness/*_fuzz.cpp)
list(LENGTH fuzzers count)
math(EXPR seconds "(${CONTEND_FUZZ_SECONDS} + ${count} - 1) / ${count}")
math(EXPR limit "${seconds} + 60")
foreach(source IN LISTS fuzzers)
  get_filename_component(name ${source} NAME_WE)
  add_executable(${name} ${source})
  if(source MATCHES "/harness/")
    target_link_libraries(${name} PRIVATE contend_readers)
    target_compile_options(${name} PRIVATE -O0)
  endif()
  target_link_libraries(${name} PRIVATE contend_workloads -fsanitize=fuzzer)
  add_dependencies(fuzzers ${name})
  set(corpus ${CMAKE_BINARY_DIR}/${name}_corpus)
  file(MAKE_DIRECTORY ${corpus})
  string(REGEX REPLACE "_fuzz\\.cpp$" "_seeds" seeds ${source})
  if(NOT EXISTS ${seeds})
    set(seeds "")
  endif()
  add_test(NAME fuzz.${name} COMMAND ${name} -max_total_time=${seconds} -timeout=10
    -rss_limit_mb=1024 -print_final_stats=1 ${corpus} ${seeds})
  set_tests_properties(fuzz.${name} PROPERTIES TIMEOUT ${limit})
endforeach()

# Parsing a command line carries nothing out, so what commands do is not linked: a call of it would go to
# address 0, and is a finding.
target_sources(cli_fuzz PRIVATE harness/base/build.cpp harness/cli.cpp harness/base/time_option.cpp
  harness/load/window_options.cpp harness/load/options.cpp harness/ab/options.cpp harness/export/options.cpp
  harness/history/options.cpp)
target_link_libraries(cli_fuzz PRIVATE CLI11::CLI11)
target_link_options(cli_fuzz PRIVATE -no-pie -Wl,--unresolved-symbols=ignore-all)
add_dependencies(cli_fuzz revision)
contend_together(cli_fuzz)
