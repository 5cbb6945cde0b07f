# Two commands: `make run` starts the app, `make test` runs every test. Both install what is missing.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements-lock.txt

.PHONY: run test lint bench clean

run: $(VENV)/app
	$(BIN)/python app.py

test: $(VENV)/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

lint: $(VENV)/test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/test
	$(BIN)/python -m tests.benchmarks.accuracy

clean:
	rm -rf $(VENV)

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

# The stamps make an install happen once, and again when what it reads has changed.
$(VENV)/app: requirements.txt requirements-offline.txt requirements-lock.txt | $(VENV)/bin/python
	$(PIP) -r requirements.txt -r requirements-offline.txt
	touch $@

$(VENV)/test: requirements-dev.txt tests/install-debian.sh tests/install-node.sh tests/node/package.json \
		tests/browser/package-lock.json $(VENV)/app
	$(PIP) -r requirements-dev.txt
	sh tests/install-debian.sh
	sh tests/install-node.sh
	touch $@
