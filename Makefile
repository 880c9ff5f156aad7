# Needs Python 3.11 or newer and make, nothing else. The first target that is run installs the rest into .venv.

PYTHON ?= python3
ARGS ?=
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
# Not more processes than a small machine carries, and a file's tests in one process, where they share their server.
PARALLEL := -n auto --maxprocesses 4 --dist loadfile
LOCK := $(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.11 \
	--no-emit-index-url --no-header --no-annotate

.DEFAULT_GOAL := help
.PHONY: docs help install demo test check bench soak vectors lock audit clean

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

install:  ## make .venv hold exactly the pinned tools (every other target does this first)
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=..." if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) requirements/install.py

demo: install  ## a realistic conversation, live, with everything it needs; ARGS=--once ends after it
	@$(BIN)/samsnakk demo $(ARGS)

# The cache is for people who run pytest by hand; two runs at the same time must not share one.
test: check  ## everything: style, types, import contracts and all tests but the soak
	$(PYTEST) -p no:cacheprovider $(PARALLEL) $(ARGS)

check: install  ## style, types and import contracts only
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo

bench: install  ## measure, print a table and say what each number means
	@$(BIN)/python tests/bench/run.py $(ARGS)

soak: install  ## minutes of load and kills that `make test` leaves out
	$(PYTEST) -p no:cacheprovider -m soak --timeout 3600 $(ARGS)

vectors: install  ## make tests/vectors again
	$(BIN)/python tests/vectors/generate.py $(ARGS)

lock: install  ## pin the newest versions that pyproject.toml allows, with hashes
	$(LOCK) pyproject.toml -o requirements/runtime.txt
	$(LOCK) --group uv -o requirements/uv.txt
	$(LOCK) pyproject.toml --group dev -c requirements/runtime.txt -c requirements/uv.txt -o requirements/dev.txt

audit: install  ## look the pinned versions up among known vulnerabilities
	$(BIN)/pip-audit --strict --disable-pip --require-hashes --requirement requirements/runtime.txt

docs: install  ## write the generated parts of docs/ again
	$(BIN)/python tests/docs/generate.py $(ARGS)

clean:  ## remove .venv, caches and build results
	rm -rf .venv .venv.lock .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.* dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
