# contend, from a fresh clone: each target does what has to come before it. The build itself is
# CMake's (CMakeLists.txt, CMakePresets.json); this file only names the ways in.

# Debian's, since matplotlib is Debian's too; the first python3 in PATH may be another.
PYTHON ?= /usr/bin/python3
JOBS ?= $(shell nproc)
# More for contend, as in: make bench ARGS="--engines epoll,io_uring --rounds 3"
ARGS ?=
# The revision that `make ab` compares with.
BASE ?=
# The result that is drawn. Whoever measures into another has to name it here too, as in
# make bench ARGS="--resume DIR" RESULT=DIR     or     make bench ARGS="--out DIR" RESULT=DIR/latest
RESULT ?= results/latest
CONTEND := build/release/contend

.DEFAULT_GOAL := help
.PHONY: help bootstrap build test bench bench-load course smoke ab charts lint format clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

bootstrap: ## install the Debian packages that are missing
	@scripts/bootstrap

build: bootstrap build/release/build.ninja ## compile contend and contend-engine (release)
	@cmake --build --preset release --parallel $(JOBS)

test: build ## run all tests
	@ctest --preset release --output-junit tests.xml

bench: build ## measure every engine on every workload, draw the charts (about 6 minutes)
	$(CONTEND) bench $(ARGS)
	@$(PYTHON) scripts/plot_all.py $(RESULT)

bench-load: build ## measure contend load beside other load generators, and whether it tells the truth (a quarter of an hour)
	@scripts/bootstrap --outside
	@$(PYTHON) scripts/bench_load.py $(ARGS)

course: build ## every comparison of an asyncio course, in C++ and beside Python, with charts (about 2 minutes)
	@status=0; $(CONTEND) course $(ARGS) || status=$$?; \
	  $(PYTHON) scripts/plot_course.py $(RESULT) && exit $$status

smoke: build ## the same with a tiny suite (under 30 seconds)
	$(CONTEND) bench --suite smoke $(ARGS)
	@$(PYTHON) scripts/plot_all.py $(RESULT)

ab: build ## whether this tree is slower than the revision BASE, as in: make ab BASE=HEAD~1 (at most 10 minutes)
	@scripts/ab "$(BASE)" $(ARGS)

charts: bootstrap ## draw the charts of the newest result, or of RESULT, again
	@$(PYTHON) scripts/plot_all.py $(RESULT)

lint: ## look for mistakes in sources and scripts
	@scripts/bootstrap --all
	@scripts/lint

format: ## lay out the C++ sources
	@scripts/bootstrap --all
	@git ls-files '*.cpp' '*.hpp' | xargs clang-format -i

clean: ## remove what was built, but no result
	rm -rf build

# The first configuration of a preset; later ones CMake sees to itself.
build/%/build.ninja: | bootstrap
	@cmake --preset $*
