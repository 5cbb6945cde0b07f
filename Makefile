# Two commands: `make run` starts the app, `make test` runs every test. Both install what is missing.
#
# `make run` installs the light set if no NVIDIA GPU is found here. `make run FULL=1` installs everything, also into a
# .venv that has the light set; FULL=0 takes the light set beside a GPU. A .venv that has everything keeps it.

PYTHON ?= python3.11
VENV := .venv
NEIGHBOUR := .venv-neighbour
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
GPU := { nvidia-smi -L 2>/dev/null | grep -q '^GPU'; } || ls /proc/driver/nvidia/gpus/* >/dev/null 2>&1

ifeq ($(FULL),)
SET := $(if $(wildcard $(VENV)/app),app,$(shell if $(GPU); then echo app; else echo light; fi))
else
SET := $(if $(filter 0,$(FULL)),light,app)
endif

.PHONY: run models test cluster-test browsers-test lint bench container-test neighbour clean

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

# The page in Debian's Firefox and WebKitGTK; not part of `make test`.
browsers-test: $(VENV)/test
	command -v WebKitWebDriver firefox-esr Xvfb >/dev/null \
		|| { apt-get update -qq && apt-get install -y -qq firefox-esr webkit2gtk-driver xvfb; }
	$(BIN)/python -m tests.other_browsers

lint: $(VENV)/test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/test
	$(BIN)/python -m tests.benchmarks.accuracy

# From the Dockerfile to a transcript without Docker, as root; takes minutes, and no part of `make test`.
container-test: $(VENV)/test
	command -v debootstrap >/dev/null || { apt-get update -qq && apt-get install -y -qq debootstrap; }
	$(BIN)/python -m tests.containers

# Coqui TTS in one environment with the app, which deploy/modal_tts.py needs: packages are put over those of $(VENV), which
# stays as it is. No part of `make test`.
neighbour: $(VENV)/test
	$(BIN)/python -m venv --clear $(NEIGHBOUR)
	$(BIN)/python -c 'import sysconfig; print("import site; site.addsitedir(%r)" % sysconfig.get_path("purelib"))' \
		> "$$($(NEIGHBOUR)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/app.pth"
	$(NEIGHBOUR)/bin/python -m pip install --quiet --disable-pip-version-check \
		-c requirements-lock.txt -r requirements-neighbour.txt
	$(NEIGHBOUR)/bin/python -m pip check
	$(NEIGHBOUR)/bin/python -m tests.neighbour

clean:
	rm -rf $(VENV) $(NEIGHBOUR)

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
