# make demo | lab | test | lint | bench | types | sdk3 | dist | clean     (everything is set up in .venv; a second run is fast)
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
STAMPS := $(VENV)/.stamps
export PATH := $(BIN):$(PATH)
export UV_PYTHON := $(BIN)/python
export UV_LINK_MODE := copy
export UV_COMPILE_BYTECODE := 1
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD := 1
export YARN_ENABLE_TELEMETRY := 0
# Empty is unset: engines, servers and commands of the tests keep their bytecode, whatever the shell says.
export PYTHONDONTWRITEBYTECODE :=
export SMSTUDIO_CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome || echo /usr/bin/chromium)

FRONT_SOURCES := $(shell find src style schema -type f -not -path '*/__tests__/*' 2>/dev/null) package.json tsconfig.json yarn.lock

# A link made by "jupyter-builder develop" would let the installer write into the folder that it reads from.
UNLINK := rm -rf $(VENV)/share/jupyter/labextensions/smstudio-ext smstudio_ext/labextension/install.json

.PHONY: help demo lab sdk3 test test-python test-front test-browser lint format types bench dist clean chromium front

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/make \1	\2/' | expand -t 16

demo: $(STAMPS)/installed ## the main job from end to end: Autopilot on sample data, leaderboard, endpoint, prediction
	@smstudio demo

lab: $(STAMPS)/installed ## JupyterLab with the SageMaker panel and the sample data ready
	@smstudio lab

test: $(STAMPS)/test test-front test-browser test-python ## every test: front end, browser, Python

lint: $(STAMPS)/test ## format, lint, types, import walls, guarded routes, drift of generated files
	@echo "== ruff";         ruff format --check . ; ruff check .
	echo "== mypy";          mypy
	echo "== walls";         lint-imports --no-cache
	echo "== guarded routes"; python -m smstudio_ext.routes.guard
	echo "== drift";         python -m smstudio_ext.routes.types --check ; python -m smstudio_ext.engine.server.coverage --check ; python -m smstudio_ext.engine.runtime.states --check ; python -m smstudio_ext.cli.manual --check ; python -m smstudio_ext.routes.permissions --check
	echo "== front end";     jlpm lint:check
	echo "lint: all checks passed"

format: $(STAMPS)/test ## put the code into its form
	@ruff format . ; ruff check --fix . ; jlpm lint

types: $(STAMPS)/installed ## write the files that are generated from the code (API types, OpenAPI, coverage, states, command line)
	@python -m smstudio_ext.routes.types ; python -m smstudio_ext.engine.server.coverage ; python -m smstudio_ext.engine.runtime.states ; python -m smstudio_ext.cli.manual ; python -m smstudio_ext.routes.permissions

test-front: $(STAMPS)/front ## unit tests of the front end
	@jlpm test

test-browser: $(STAMPS)/test $(STAMPS)/ui chromium ## the walk in a real JupyterLab and a real Chromium
	@cd ui-tests ; jlpm playwright test

test-python: $(STAMPS)/test $(STAMPS)/sdk3 ## Python tests
	@pytest -n 2 --dist loadfile --reruns 1 -rR --durations 30

bench: $(STAMPS)/test ## measure against peers, side by side; figures go to benchmarks/results
	@for f in benchmarks/bench_*.py ; do echo "== $$f" ; python "$$f" ; done

dist: $(STAMPS)/front ## source archive and wheel, with the built front end inside
	@uv pip install -q --build-constraint constraints.txt build
	python -m build --no-isolation

clean: ## take away what was built and installed
	rm -rf $(VENV) node_modules ui-tests/node_modules lib dist smstudio_ext/labextension tsconfig.tsbuildinfo

# ---- steps, each done once ----

$(STAMPS)/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.10 or newer is needed: apt-get install python3 python3-venv" ; exit 1 ; }
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "Python 3.10 or newer is needed; this is $$($(PYTHON) --version)." ; exit 1 ; }
	node -e 'process.exit(+process.versions.node.split(".")[0] < 20 ? 1 : 0)' 2>/dev/null || { echo "Node.js 20 or newer is needed to build the front end." ; exit 1 ; }
	if ! $(PYTHON) -c 'import ensurepip' 2>/dev/null ; then
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null ; then apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null
	  else echo "Python's venv module is missing: sudo apt-get install python3-venv" ; exit 1 ; fi
	fi
	echo "Setting up $(VENV) (first time: two to four minutes)"
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install -q --disable-pip-version-check -c constraints.txt uv
	mkdir -p $(STAMPS) ; touch $@

$(STAMPS)/build: constraints.txt | $(STAMPS)/python
	@uv pip install -q -c constraints.txt jupyterlab jupyter-builder hatchling hatch-jupyter-builder hatch-nodejs-version editables
	touch $@

$(STAMPS)/node: package.json yarn.lock | $(STAMPS)/build
	@echo "Installing front-end packages"
	jlpm install --immutable > $(VENV)/jlpm-install.log 2>&1 || { tail -40 $(VENV)/jlpm-install.log ; exit 1 ; }
	touch $@

$(STAMPS)/front: $(STAMPS)/node $(FRONT_SOURCES)
	@echo "Building the front end"
	jlpm build:prod > $(VENV)/jlpm-build.log 2>&1 || { tail -40 $(VENV)/jlpm-build.log ; exit 1 ; }
	touch $@

$(STAMPS)/installed: pyproject.toml constraints.txt $(STAMPS)/front
	@echo "Installing smstudio-ext"
	$(UNLINK)
	uv pip install -q --no-build-isolation -c constraints.txt -e .
	touch $@

$(STAMPS)/test: $(STAMPS)/installed
	@echo "Installing what the tests need"
	$(UNLINK)
	uv pip install -q --no-build-isolation -c constraints.txt -e '.[test,lint,deep,trees,text,faiss,mlflow]'
	touch $@

$(STAMPS)/ui: ui-tests/package.json ui-tests/yarn.lock | $(STAMPS)/build
	@echo "Installing browser test packages"
	cd ui-tests ; jlpm install --immutable > ../$(VENV)/jlpm-ui.log 2>&1 || { tail -40 ../$(VENV)/jlpm-ui.log ; exit 1 ; }
	touch ../$@

# The SDK v3 cannot share an environment with the v2.
$(STAMPS)/sdk3: tests/e2e/programs/sdk3.txt smstudio_ext/notebooks/sdk3.txt | $(STAMPS)/python
	@echo "Installing the SageMaker SDK v3 for the tests"
	uv venv -q --allow-existing $(VENV)/sdk3
	uv pip install -q -p $(VENV)/sdk3/bin/python -r tests/e2e/programs/sdk3.txt
	touch $@

sdk3: $(STAMPS)/sdk3 ## the SageMaker SDK v3 in .venv/sdk3, for its tests

front: $(STAMPS)/front ## build the front end

chromium:
	@if [ ! -x "$(SMSTUDIO_CHROMIUM)" ] ; then
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null ; then
	    echo "Installing Chromium" ; apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk >/dev/null
	  else echo "The browser tests need Chromium: sudo apt-get install chromium fonts-noto-cjk" ; exit 1 ; fi
	fi
