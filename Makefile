# What can be done here. Each target sets up what it needs; `make` lists them.

PYTHON ?= python3
ifeq ($(OS),Windows_NT)
  IN_VENV := .venv/Scripts/python
else
  IN_VENV := .venv/bin/python
endif
WORKERS ?= 2
# A file is one worker's, so that what its tests share is made once; in the order of the
# names, so that the last files are short ones. (loadgroup does nothing with pytest 9.2 and
# pytest-xdist 3.8: https://github.com/pytest-dev/pytest-xdist/issues/1386)
SPREAD := -n $(WORKERS) --dist loadfile --no-loadscope-reorder

# Where it is set, as in many images of machines for checks, each worker would compile all tests
# anew, 5 seconds of a processor, and each process that a test starts the package.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help set-up book lint types types-of-tools layers test check lab labs serve bench lighthouse lock clean

help:  ## List these targets
	@grep -E '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z-]+):.*## /\1|/' \
	  | awk -F '|' '{ printf "make %-10s %s\n", $$1, $$2 }'

set-up:
	@$(PYTHON) tools/set_up.py

book: set-up  ## Run every chapter that needs it and write the site to _build/html
	@$(IN_VENV) -m tools.build_book

lint: set-up  ## Lint and types
	$(IN_VENV) -m ruff check .
	$(IN_VENV) -m ruff format --check .
	@# Side by side, since each keeps to one core.
	@$(MAKE) --no-print-directory -j 3 types types-of-tools layers

types types-of-tools layers: set-up

types:
	$(IN_VENV) -m mypy

types-of-tools:
	@# A cache of its own: with other options mypy would take none of the first one's.
	$(IN_VENV) -m mypy tools book/_ext --cache-dir .mypy_cache/tools --ignore-missing-imports --allow-untyped-calls --allow-subclassing-any --no-warn-return-any --follow-imports=silent

layers:
	$(IN_VENV) -c "from importlinter.cli import lint_imports_command as lint; lint()"

test: lint  ## Run everything: lint, types, the book, all tests, a browser over the site
	@$(IN_VENV) -m tools.needs
	@$(MAKE) --no-print-directory book
	$(IN_VENV) -m pytest $(SPREAD) --cov=xaikit --cov-report=term:skip-covered --cov-fail-under=95

check: lint  ## Lint, types and the fast tests; no book
	$(IN_VENV) -m pytest $(SPREAD) -m "not slow" -q

lab: set-up  ## Open Jupyter on your own copies of the labs, in labs-of-mine
	$(IN_VENV) -m xaikit lab all

serve: set-up  ## Serve the built site on a free local port
	@$(IN_VENV) -m tools.serve

bench: set-up  ## Time the package against its peers
	$(IN_VENV) -m benchmarks

lighthouse: book  ## Measure the pages in tools/lighthouse/pages.txt on a simulated phone
	$(IN_VENV) -m tools.lighthouse

labs: set-up  ## Make the student notebooks anew from their sources
	$(IN_VENV) -m xaikit.course.labs split labs/

lock: set-up  ## Resolve pyproject.toml anew into the lock (UPGRADE=1: newest versions)
	$(IN_VENV) -m tools.lock $(if $(UPGRADE),--upgrade)

clean:  ## Remove what was built and cached (.venv, .venv-torch and node_modules stay)
	rm -rf _build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
	find . -name __pycache__ -not -path './.venv*/*' -not -path './node_modules/*' -prune -exec rm -rf {} +
