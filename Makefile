# Everything a person or CI runs. `make` alone lists it.
# Extra words go through ARGS: make demo ARGS=--no-serve

PYTHON ?= python3
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps
# As many tests at once as there are cores; each process starts the server or browser that its tests need.
PYTEST := $(BIN)/pytest --numprocesses=auto
VENDOR := api/web/static/vendor

# Stamps: each names one step of the set-up and is newer than what the step read.
MADE := $(VENV)/.made
RUNNING := $(VENV)/.running
DEVELOPING := $(VENV)/.developing
PROJECT := $(VENV)/.project
ASSETS := $(VENDOR)/tabler.min.css
AXE := node_modules/axe-core/axe.min.js

.DEFAULT_GOAL := help
.PHONY: help setup run-setup assets demo serve test lint check soak bench lock docs clean

help: ## list these recipes
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' Makefile

setup: $(DEVELOPING) $(PROJECT) $(AXE) ## prepare .venv for developing: running, testing, browser files

run-setup: $(PROJECT) $(ASSETS) ## prepare .venv for running only

assets: $(ASSETS) ## fetch the browser files

demo: run-setup ## fill a demo estate, print its answers, serve its pages
	@$(BIN)/cmdb demo $(ARGS)

serve: run-setup ## serve the HTTP API and the web pages
	@$(BIN)/cmdb serve $(ARGS)

test: lint ## run every check and every test
	@$(PYTEST) $(ARGS)

check: lint ## run the checks and the fast tests, in under a minute
	@$(PYTEST) -q -m "not browser and not neo4j and not slow" $(ARGS)

lint: setup ## run the linters and the type checker
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy
	@$(BIN)/lint-imports

soak: setup ## run every test, with the repeated parts in full
	@CMDB_SOAK=1 $(PYTEST) $(ARGS)

bench: setup ## measure how fast it is (ARGS="--cis 1000000 --json"; --help tells the rest)
	@$(BIN)/python -m benchmarks.run $(ARGS)

LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header --extra assets --extra build pyproject.toml $(ARGS)

lock: $(DEVELOPING) ## renew the lock files (ARGS=--upgrade for newer versions)
	$(LOCK) --output-file requirements.lock
	$(LOCK) --extra dev --constraint requirements.lock --output-file requirements-dev.lock
	$(BIN)/npm install --package-lock-only

docs: setup ## write the generated reference pages
	@$(BIN)/python docs/generate.py

clean: ## remove everything the recipes made
	rm -rf $(VENV) node_modules $(VENDOR) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(MADE):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "This needs Python 3.11 or newer, as in: make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "This Python makes no virtual environments. On Debian or Ubuntu: apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(RUNNING): requirements.lock $(MADE)
	$(PIP) --require-hashes --requirement requirements.lock
	@touch $@

# The developing lock repeats the running lock's versions, so neither step undoes the other.
$(DEVELOPING): requirements-dev.lock $(RUNNING)
	$(PIP) --require-hashes --requirement requirements-dev.lock
	@touch $@

$(PROJECT): pyproject.toml $(RUNNING)
	$(PIP) --no-build-isolation --editable .
	@touch $@

$(ASSETS): package.json package-lock.json .npmrc $(RUNNING)
	$(BIN)/npm ci --omit=dev --loglevel=error
	$(BIN)/npm run --silent assets
	@touch $@

# What only tests load in a browser; nothing of it is served.
$(AXE): $(ASSETS)
	$(BIN)/npm ci --loglevel=error
	@touch $@
