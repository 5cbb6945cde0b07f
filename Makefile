# Two commands: `make run` starts the app, `make test` runs every test. Both install what is missing.
#
# `make run` installs the light set if no NVIDIA GPU is found here. `make run FULL=1` installs everything, also into a
# .venv that has the light set; FULL=0 takes the light set beside a GPU. A .venv that has everything keeps it.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
GPU := { nvidia-smi -L 2>/dev/null | grep -q '^GPU'; } || ls /proc/driver/nvidia/gpus/* >/dev/null 2>&1

ifeq ($(FULL),)
SET := $(if $(wildcard $(VENV)/app),app,$(shell if $(GPU); then echo app; else echo light; fi))
else
SET := $(if $(filter 0,$(FULL)),light,app)
endif

.PHONY: run models test cluster-test lint bench clean

run: $(VENV)/$(SET)
	$(BIN)/python app.py

# `make models MODEL=small` fetches a model; the app offers it from its next start on (docs/models.md).
models: $(VENV)/$(SET)
	@test -n "$(MODEL)" || { echo 'Name a model: make models MODEL=small' >&2; exit 2; }
	$(BIN)/python -m engine download --model $(MODEL) --aligner-language

test: $(VENV)/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

# Replicas on a real Ray cluster of this machine; not part of `make test`.
cluster-test: $(VENV)/cluster
	$(BIN)/python -m pytest tests/deploy/cluster/on_ray.py

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
	$(PIP) -c requirements-lock.txt -r requirements.txt -r requirements-offline.txt
	touch $@

# Everything is pinned, so there is nothing to resolve. Modules are compiled when they are first imported; most of
# them never are.
$(VENV)/light: requirements-cpu.txt requirements-offline.txt | $(VENV)/bin/python
	sh install-light.sh $(BIN)/python
	touch $@

$(VENV)/test: requirements-dev.txt tests/install-debian.sh tests/install-node.sh tests/node/package.json \
		tests/browser/package-lock.json $(VENV)/app
	$(PIP) -c requirements-lock.txt -r requirements-dev.txt
	sh tests/install-debian.sh
	sh tests/install-node.sh
	touch $@

$(VENV)/cluster: requirements-cluster.txt $(VENV)/test
	$(PIP) --no-deps -r requirements-cluster.txt
	touch $@
