# Sideline. `make help` lists what there is; the work is done by the files in scripts/.

SIDELINE_LISTEN ?= 127.0.0.1:3000
SIDELINE_DATA ?= data
# How long `make fuzz` goes on.
MINUTES ?= 60
# One part of `make fuzz`: make fuzz MINUTES=0 ONLY=nodes
ONLY ?=
# More arguments for the program: make run ARGS='--help', make bench ARGS='--size large'
ARGS ?=

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run build test fuzz bench screenshots clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' $(firstword $(MAKEFILE_LIST)) | expand -t 22

run: ## build, then serve the demonstration on http://127.0.0.1:3000
	@scripts/build.sh
	@. scripts/setup.sh && exec "$$SIDELINE_BIN" demo --data "$(SIDELINE_DATA)" --listen "$(SIDELINE_LISTEN)" $(ARGS)

build: ## build the program and say where it is
	@scripts/build.sh

test: ## check everything, with browser tests and the list of requirements
	@scripts/test.sh

fuzz: ## throw random input and accidents for MINUTES, until something fails
	@scripts/fuzz.sh $(MINUTES) $(ONLY)

bench: ## measure how fast and how frugal it is; five minutes on two cores
	@scripts/bench.sh $(ARGS)

screenshots: ## take the pictures in docs/screenshots again
	@scripts/build.sh
	@. scripts/setup.sh test && cd end2end && npm run --silent screenshots

clean: ## remove what was built; the tools that were set up stay
	@. scripts/setup.sh && rm -rf "$$CARGO_TARGET_DIR" end2end/node_modules end2end/report end2end/test-results
