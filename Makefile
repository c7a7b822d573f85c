# Everything that a fresh clone needs. `make help` lists the targets.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help map test test-long test-slurm lint bench clean

# The first interpreter that is new enough and can make virtual environments.
PYTHON ?= $(shell for p in python3.11 python3 python3.12 python3.13; do \
	$$p -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install
LOCAL := --cores all --workflow-profile workflow/profiles/local

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

map: $(READY) ## environment, default sweep, failure map and figures (results/default)
	@$(BIN)/python workflow/release_stale_lock.py
	@$(BIN)/snakemake $(LOCAL)

test: $(READY) ## all tests but the long ones
	@$(BIN)/python -m pytest

test-long: $(READY) ## the tests that take minutes
	@$(BIN)/python -m pytest -m slow

test-slurm: $(READY) ## sweeps on a SLURM of two nodes that the tests make (needs root, slurm-wlm, munge)
	@$(BIN)/python -m pytest -m slurm

lint: $(READY) ## ruff, snakefmt and snakemake's own checks
	@status=0; for check in "ruff check ." "ruff format --check ." "snakefmt --check Snakefile workflow" \
		"python workflow/lint.py"; do $(BIN)/$$check || status=1; done; exit $$status

bench: $(READY) ## speed figures, one JSON line each
	@$(BIN)/python benchmarks/run.py

clean: ## remove results, the workflow's memory and caches; the environment stays
	@rm -rf results .snakemake .pytest_cache .ruff_cache .hypothesis .cache
	@find cellmodel workflow tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamp goes away first: an environment that an interrupted installation left is made anew, never trusted.
$(READY): pyproject.toml constraints.txt constraints-build.txt
	@$(if $(strip $(PYTHON)),:,echo "cellmodel needs Python 3.11 or newer with venv, and found none. Fix: install it (Debian: python3.11 and python3.11-venv), or name it: make PYTHON=/path/to/python3.11 ..." >&2; exit 2)
	@$(PYTHON) -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "PYTHON=$(PYTHON) is no Python 3.11 or newer with venv. Fix: make PYTHON=/path/to/python3.11 ..." >&2; exit 2; }
	@echo "Making the environment in $(VENV) (one to three minutes, once) ..."
	@if [ -f $@ ]; then rm -f $@; else $(PYTHON) -m venv --clear $(VENV); fi
	@$(PIP) --require-hashes -r constraints-build.txt
	@$(PIP) --require-hashes --no-build-isolation --use-pep517 -r constraints.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@
