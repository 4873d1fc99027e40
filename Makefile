# The two commands of the README, and the heavier rounds.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ROUNDS ?=
SEED ?= $(shell date +%s)

.PHONY: run test test-slow bench clean

run: $(VENV)/run.stamp
	@$(BIN)/story-composer

test: $(VENV)/test.stamp
	$(BIN)/ruff format --check composer tests
	$(BIN)/ruff check composer tests
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/pytest -n 4 -m "not slow" --disable-socket --allow-hosts=127.0.0.1,::1 --allow-unix-socket

test-slow: $(VENV)/slow.stamp
	@echo "SEED=$(SEED)"
	COMPOSER_TESTS=slow $(BIN)/pytest -n 2 -m slow -rs --hypothesis-seed=$(SEED) --disable-socket --allow-hosts=127.0.0.1,::1 --allow-unix-socket

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
