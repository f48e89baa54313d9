# The tests: x_test.cpp lies beside x.cpp. Related folders' tests are one program.
enable_testing()
include(GoogleTest)

# contend_tests(NAME LIBRARY FOLDER...): programs that the tests start are named to them by macros.
function(contend_tests name library)
  list(TRANSFORM ARGN APPEND "/*_test.cpp")
  file(GLOB found CONFIGURE_DEPENDS ${ARGN})
  if(NOT found)
    return()
  endif()
  add_executable(${name} ${found})
  target_link_libraries(${name} PRIVATE ${library} nlohmann_json::nlohmann_json GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE
    CONTEND_BINARY="$<TARGET_FILE:contend>" CONTEND_ENGINE_BINARY="$<TARGET_FILE:contend-engine>"
    CONTEND_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  # Compiling the tests takes longer than running them.
  target_compile_options(${name} PRIVATE -O0)
  add_dependencies(${name} contend contend-engine)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 120)
endfunction()

contend_tests(engines_test contend_engines engines)
contend_tests(coro_test contend_engines engines/coro)
contend_tests(harness_test contend_cli harness harness/base harness/process harness/machine harness/stats
  harness/bench harness/testing)
contend_tests(load_test contend_harness harness/load harness/load/recording harness/load/schedule
  harness/load/request harness/load/server harness/load/search harness/load/ranks)
# These have one thread, of which the thread sanitizer has nothing to say.
if(NOT CONTEND_SANITIZE STREQUAL "thread")
  contend_tests(workloads_test contend_workloads workloads workloads/http)
  contend_tests(ab_test contend_harness harness/ab)
  contend_tests(export_test contend_harness harness/export)
  contend_tests(history_test contend_harness harness/history)
endif()
# The limits: programs of harness/baselines that engines (scripts/limit.py) and the load generator
# (scripts/bench_load.py) are measured beside.
function(contend_limit name)
  add_executable(${name} harness/baselines/${name}.cpp)
  target_link_libraries(${name} PRIVATE contend_engines ${ARGN})
endfunction()
contend_limit(floor_client PkgConfig::liburing CLI11::CLI11)
# The servers of known behaviour that the load generator is held against (scripts/bench_load.py).
add_executable(known_server harness/baselines/known_server.cpp harness/baselines/known_answers.cpp)
target_link_libraries(known_server PRIVATE contend_harness CLI11::CLI11)
contend_tests(baselines_test contend_harness harness/baselines)
target_sources(baselines_test PRIVATE harness/baselines/known_answers.cpp harness/baselines/cases.cpp)
target_link_libraries(baselines_test PRIVATE llhttp)
target_compile_definitions(baselines_test PRIVATE
  CONTEND_KNOWN_SERVER_BINARY="$<TARGET_FILE:known_server>"
  CONTEND_FLOOR_CLIENT_BINARY="$<TARGET_FILE:floor_client>"
  CONTEND_CASES_BINARY="$<TARGET_FILE:contend-cases>")
add_dependencies(baselines_test known_server floor_client contend-cases)
# Cases that misbehave when they are counted.
add_executable(misbehaving-cases harness/baselines/cases_main.cpp harness/baselines/misbehaving_cases.cpp)
target_link_libraries(misbehaving-cases PRIVATE contend_workloads nlohmann_json::nlohmann_json)
if(TARGET ab_test)
  add_dependencies(ab_test contend-cases misbehaving-cases)
endif()
contend_tests(mpi_test contend_harness harness/load/ranks/mpi)
if(TARGET workloads_test)
  contend_precompiled(workloads_test <gtest/gtest.h>)
endif()
foreach(name engines_test harness_test load_test ab_test export_test history_test baselines_test)
  if(TARGET ${name})
    contend_together(${name})
  endif()
endforeach()
# One that replaces operator new must not see the others'.
contend_together(coro_test engines/coro/allocation_test.cpp)
if(NOT CONTEND_SANITIZE)
  # Coroutines hand over to each other by tail calls only where the code is optimized: that is tested too.
  target_compile_options(coro_test PRIVATE -O2)
endif()

# For programs that count their allocations (harness/testing/allocation_counter.hpp).
add_library(counting_new OBJECT harness/baselines/counting_new.cpp)
target_link_libraries(counting_new PRIVATE contend_options)
target_link_libraries(harness_test PRIVATE counting_new)
target_link_libraries(load_test PRIVATE counting_new)

# What the coroutines mean: engines/coro/asyncio_parity/x.cpp says in the program coro_asyncio_parity what x.py
# says with asyncio, and prints the same. Where there is no Python, they are skipped. What of it has threads
# is in coro_test, for the thread sanitizer.
if(NOT CONTEND_SANITIZE STREQUAL "thread")
  find_program(CONTEND_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
  if(CONTEND_PYTHON)
    set(compare ${CONTEND_PYTHON} -B ${CMAKE_SOURCE_DIR}/engines/coro/asyncio_parity/compare.py)
  else()
    set(compare sh -c "exit 77")
  endif()
  file(GLOB parity_sources CONFIGURE_DEPENDS engines/coro/asyncio_parity/*.cpp)
  add_executable(coro_asyncio_parity ${parity_sources})
  target_link_libraries(coro_asyncio_parity PRIVATE contend_engines)
  contend_precompiled(coro_asyncio_parity)
  target_compile_options(coro_asyncio_parity PRIVATE -O0)
  list(FILTER parity_sources EXCLUDE REGEX "/main\\.cpp$")
  foreach(source IN LISTS parity_sources)
    get_filename_component(name ${source} NAME_WE)
    add_test(NAME asyncio_parity.${name} COMMAND ${compare} $<TARGET_FILE:coro_asyncio_parity> ${name})
    set_tests_properties(asyncio_parity.${name} PROPERTIES TIMEOUT 120 SKIP_RETURN_CODE 77)
  endforeach()
endif()

# What follows says nothing under a sanitizer: what is measured would be the sanitizer's cost, the mocked
# system calls are the program's own, as the sanitizer's would be, and the scripts start no program of
# ours.
if(CONTEND_SANITIZE)
  return()
endif()

# Micro-benchmarks: harness/baselines/x_benchmark.cpp is the program x_benchmark.
file(GLOB benchmarks CONFIGURE_DEPENDS harness/baselines/*_benchmark.cpp)
foreach(source IN LISTS benchmarks)
  get_filename_component(name ${source} NAME_WE)
  add_executable(${name} ${source})
  target_link_libraries(${name} PRIVATE contend_harness counting_new benchmark::benchmark)
  # A smoke run, so that they don't rot; one that found a mistake still exits with 0.
  add_test(NAME baselines.${name} COMMAND ${name} --benchmark_min_time=0.001)
  set_tests_properties(baselines.${name} PROPERTIES FAIL_REGULAR_EXPRESSION "ERROR OCCURRED")
endforeach()

add_dependencies(ab_test histogram_benchmark)

contend_limit(raw_epoll)
contend_limit(raw_io_uring PkgConfig::liburing)
contend_limit(raw_asio)
contend_limit(slice_load nlohmann_json::nlohmann_json CLI11::CLI11)
contend_limit(mocked_epoll nlohmann_json::nlohmann_json)
contend_limit(mocked_io_uring nlohmann_json::nlohmann_json PkgConfig::liburing)
add_test(NAME baselines.mocked_epoll COMMAND mocked_epoll 2)
add_test(NAME baselines.mocked_io_uring COMMAND mocked_io_uring 2)

# A smoke run of what holds the load generator against servers of known behaviour, so that it doesn't
# rot: what it measures is of no interest. The script takes its programs from the release build.
if(CMAKE_BINARY_DIR STREQUAL "${CMAKE_SOURCE_DIR}/build/release")
  add_test(NAME baselines.bench_load COMMAND /usr/bin/python3 -B ${CMAKE_SOURCE_DIR}/scripts/bench_load.py
    --quick --figures 4,5,6,7 --json)
  set_tests_properties(baselines.bench_load PROPERTIES TIMEOUT 240
    FAIL_REGULAR_EXPRESSION "\"failed\": true")
endif()

# The scripts' tests, with Debian's Python, since matplotlib is Debian's. Those that draw take longest,
# so they begin first.
file(GLOB script_tests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/scripts/test_*.py)
foreach(source IN LISTS script_tests)
  get_filename_component(name ${source} NAME_WE)
  add_test(NAME scripts.${name} COMMAND /usr/bin/python3 -m unittest ${name}
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}/scripts)
  set_tests_properties(scripts.${name} PROPERTIES TIMEOUT 240 COST 100
    ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1;MPLBACKEND=Agg")
endforeach()

# Without a browser nothing of it was tested.
set_tests_properties(scripts.test_report_browser PROPERTIES SKIP_REGULAR_EXPRESSION "OK .skipped=")

# The outside engines' tests: of what their programs share, and of each engine by its manifest, against
# contend-engine.
file(GLOB external_tests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/engines/external/python/test_*.py)
list(FILTER external_tests EXCLUDE REGEX "/test_(serve|drive|run)\\.py$")
file(GLOB manifests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/engines/external/*/manifest.json)
function(contend_external name)
  add_test(NAME external.${name} COMMAND /usr/bin/python3 -m unittest ${ARGN}
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}/engines/external/python)
  set_tests_properties(external.${name} PROPERTIES TIMEOUT 120 COST 50
    ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1;CONTEND_ENGINE=$<TARGET_FILE:contend-engine>"
    SKIP_REGULAR_EXPRESSION "OK .skipped=" FAIL_REGULAR_EXPRESSION "Ran 0 tests")
endfunction()
foreach(source IN LISTS external_tests)
  get_filename_component(name ${source} NAME_WE)
  contend_external(${name} ${name})
endforeach()
foreach(manifest IN LISTS manifests)
  get_filename_component(folder ${manifest} DIRECTORY)
  get_filename_component(name ${folder} NAME)
  string(REPLACE "-" "_" method ${name})
  contend_external(${name} -k "*__${method}" test_serve test_drive test_run)
endforeach()
