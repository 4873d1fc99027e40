# The two commands of the README, and the heavier rounds.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ROUNDS ?=
SEED ?= $(shell date +%s)

# What is compiled is kept, also where the environment says that it is not to be: each process of the tests would compile it anew.
KEPT := PYTHONDONTWRITEBYTECODE= PYTHONPYCACHEPREFIX=$(CURDIR)/$(VENV)/compiled
LOCAL := --disable-socket --allow-hosts=127.0.0.1,::1 --allow-unix-socket

.PHONY: run test types compiled test-slow bench clean

run: $(VENV)/run.stamp
	@$(BIN)/story-composer

test: $(VENV)/test.stamp
	$(BIN)/ruff format --check composer tests
	$(BIN)/ruff check composer tests
	$(BIN)/lint-imports --no-cache
	@$(MAKE) --no-print-directory -j2 types compiled
	$(KEPT) $(BIN)/pytest -n 4 -m "not slow" $(LOCAL)

types:
	$(BIN)/mypy

compiled:
	@$(KEPT) $(BIN)/pytest --collect-only -qq > $(VENV)/collected.txt || (cat $(VENV)/collected.txt; exit 1)

test-slow: $(VENV)/slow.stamp
	@echo "SEED=$(SEED)"
	COMPOSER_TESTS=slow $(KEPT) $(BIN)/pytest -n 2 -m slow -rs --hypothesis-seed=$(SEED) $(LOCAL)

bench: $(VENV)/test.stamp
	$(BIN)/python tests/bench/bench.py $(ROUNDS)

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/test.stamp: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/run.stamp

$(VENV)/slow.stamp: $(VENV)/test.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,slow]'
	@touch $@

clean:
	rm -rf $(VENV) build dist
