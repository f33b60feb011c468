# One entry point for people and for CI. `make` lists what there is.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:
# pip and npm fill the same folders.
.NOTPARALLEL:

BIN := .venv/bin
PYTEST := $(BIN)/pytest -q
# As many test processes as cores, two at least.
WORKERS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2); echo $$(( n > 2 ? n : 2 )))
PORT ?= 8000
UI := src/chengdan/kernel/ui
CATALOGUES := $(shell find src/chengdan -path '*/LC_MESSAGES/*.po' 2>/dev/null)

export PYTHONUTF8 = 1

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

# ------------------------------------------------------------------------------------- setting up
.PHONY: setup setup-run files lock
setup: .venv/.dev files ## Everything for tests and checks
setup-run: .venv/.run files ## Everything for running the site
files: .venv/.assets .venv/.texts

.venv/.dev: requirements/dev.txt requirements/postgres.txt pyproject.toml tools/setup.sh
	@tools/setup.sh dev
	@touch .venv/.run $@

# What the tests need includes what the site needs.
.venv/.run: requirements/runtime.txt requirements/build.txt
	@tools/setup.sh runtime
	@touch $@

.venv/.assets: package-lock.json tools/assets.py $(wildcard $(UI)/icons.txt) | .venv/.run
	@$(BIN)/python tools/assets.py
	@touch $@

.venv/.texts: $(CATALOGUES) | .venv/.run
	@$(BIN)/python tools/translations.py compile
	@touch $@

lock: .venv/.dev ## Resolve the pinned requirements anew
	@tools/lock.sh

# ---------------------------------------------------------------------------------------- running
.PHONY: demo run
demo: setup-run ## A served site with a living company, from nothing
	@CHENGDAN_HOME=$${CHENGDAN_HOME:-var/demo} CHENGDAN_DEMO=1 $(BIN)/chengdan demo
	@CHENGDAN_HOME=$${CHENGDAN_HOME:-var/demo} CHENGDAN_DEMO=1 exec $(BIN)/chengdan serve --port $(PORT)

run: setup-run ## Serve the site that `chengdan init` made
	@exec $(BIN)/chengdan serve --port $(PORT)

# ------------------------------------------------------------------------------------------ tests
.PHONY: test test-fast test-sqlite test-pg e2e cov bench nightly
test: setup ## Every test: in a browser, on SQLite, on PostgreSQL
	@$(MAKE) -j1 --keep-going e2e test-sqlite test-pg

test-fast: setup ## Rules and services on SQLite
	@$(PYTEST) -n $(WORKERS) tests/unit tests/integration

test-sqlite: setup
	@$(PYTEST) -n $(WORKERS) --dist worksteal

test-pg: setup ## All but the browser tests on a PostgreSQL of our own
	@$(BIN)/python tools/postgres.py run $(PYTEST) -n $(WORKERS) --dist worksteal

e2e: setup ## Journeys in a browser
	@if $(BIN)/python tools/browser.py; then $(PYTEST) -n $(WORKERS) --dist worksteal -m browser tests; fi

cov: setup ## Branches that the tests reach
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest -q
	@$(BIN)/coverage combine -q && $(BIN)/coverage report

bench: setup ## The committed figures, measured on both databases
	@$(BIN)/chengdan bench
	@$(BIN)/python tools/postgres.py run --durable $(BIN)/chengdan bench

nightly: setup ## The long runs: more examples, slow tests
	@CHENGDAN_HYPOTHESIS=nightly $(PYTEST) -n $(WORKERS) -m "slow or not browser"
	@CHENGDAN_HYPOTHESIS=nightly $(BIN)/python tools/postgres.py run \
		$(PYTEST) -n $(WORKERS) -m "slow or not browser"

# ----------------------------------------------------------------------------------------- checks
.PHONY: check fmt lint types imports templates sizes spelling migrations-check texts duplicates
CHECKS := lint types imports templates sizes spelling migrations-check texts duplicates
check: setup ## Everything that can be said without running the tests
	@failed=""; for part in $(CHECKS); do \
		$(MAKE) $$part || failed="$$failed $$part"; \
	done; \
	if [ -n "$$failed" ]; then echo "failed:$$failed"; exit 1; fi; echo "checks: all right"

fmt: ## Format what the linter formats
	@$(BIN)/ruff check -q --fix src tests tools; $(BIN)/ruff format -q src tests tools

lint:
	@$(BIN)/ruff check -q src tests tools
	@$(BIN)/ruff format -q --check src tests tools

types:
	@$(BIN)/mypy --no-error-summary

imports:
	@$(BIN)/lint-imports > .venv/imports.txt \
		|| { sed -n '/^Broken contracts/,$$p' .venv/imports.txt; exit 1; }

templates:
	@if [ -n "$$(find src -name '*.html' -print -quit)" ]; then $(BIN)/djlint --lint --quiet src; fi

sizes:
	@$(BIN)/python tools/check_sizes.py

spelling:
	@$(BIN)/codespell src tests tools docs deploy *.md

migrations-check:
	@CHENGDAN_HOME=.venv/check $(BIN)/chengdan makemigrations --check --dry-run -v 1 > .venv/migrations.txt \
		|| { cat .venv/migrations.txt; exit 1; }
	@CHENGDAN_HOME=.venv/check $(BIN)/chengdan check --fail-level WARNING > /dev/null

texts:
	@$(BIN)/python tools/translations.py check

duplicates:
	@$(BIN)/python tools/check_duplicates.py

# --------------------------------------------------------------------------------------- leftovers
.PHONY: docs clean
docs: setup ## Write the generated pages of docs/ anew
	@$(BIN)/python tools/traceability.py write
	@CHENGDAN_HOME=.venv/check $(BIN)/python tools/registers.py write

clean: ## Remove everything that is made, but no data (var/)
	@rm -rf .venv node_modules build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		$(UI)/static/vendor .coverage* htmlcov
	@find src tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
	@find src -name '*.mo' -delete
