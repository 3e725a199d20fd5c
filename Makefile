# Everything a developer does here, by name. `make` alone lists it; two commands are enough to begin:
# `make demo` to see the exporter work, `make test` to check all of it.
# Needed: python3 >= 3.11 with venv, and make. What else is used is installed into .venv and .tools.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
UV     := .tools/uv/bin/uv
REPORT := build/pytest.xml

PIP_INSTALL := -m pip --disable-pip-version-check --quiet install
SCRIPTS     := tests/tools/build tests/tools/check_package tests/tools/verdict
RULES       := grafana/rules/contact-center.rules.yml
# Suites that need Debian packages, node or root: `make test` leaves their directories alone.
SUITES      := tiledesk browser
APART       := $(SUITES:%=tests/%)

DEMO_ARGS   ?=
PYTEST_ARGS ?=
BENCH_ARGS  ?=
LOCK_ARGS   ?=

CONTAINER  ?= podman
IMAGE      ?= localhost/contact-center-exporter:test
BASE       ?= python:3.13-slim
BUILD_ARGS ?=
HARDENED   := --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges

say = @printf '\n==> %s\n' "$(1)"

.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help demo test lint bench lock metrics clean setup tools rules generated package \
	test-chart test-image test-full $(SUITES:%=test-%)

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(READY)  ## run the exporter on simulated accounts (DEMO_ARGS="--port 8080")
	@$(BIN)/contact-center-exporter demo $(DEMO_ARGS)

test: $(READY) tools lint generated package  ## every check and every test that needs nothing by hand
	$(call say,tests)
	@mkdir -p $(dir $(REPORT))
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest $(APART:%=--ignore=%) --junitxml=$(REPORT) $(PYTEST_ARGS)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report
	@$(BIN)/python tests/tools/verdict $(REPORT)

lint: $(READY)  ## format, style, types and import contracts
	$(call say,format and style)
	@$(BIN)/ruff format --check . $(SCRIPTS)
	@$(BIN)/ruff check . $(SCRIPTS)
	$(call say,types)
	@$(BIN)/mypy
	@$(BIN)/mypy --scripts-are-modules $(SCRIPTS)
	$(call say,import contracts)
	@$(BIN)/lint-imports

rules: tools  ## check and test the recording and alerting rules alone
	$(call say,rules)
	@.tools/bin/promtool check rules --lint=all --lint-fatal $(RULES)
	@.tools/bin/promtool test rules grafana/rules/tests/*.yml

generated: $(READY)  ## check that METRICS.md, the dashboards and the chart's copies are up to date
	$(call say,generated files)
	@mkdir -p build
	@$(BIN)/contact-center-exporter metrics > build/METRICS.md
	@diff -u METRICS.md build/METRICS.md || { echo 'METRICS.md is out of date: run `make metrics`' >&2; exit 1; }
	@if [ -f grafana/build.py ]; then $(BIN)/python grafana/build.py --check; fi
	@$(BIN)/python helm/sync-files --check

package: $(READY)  ## build the package, install it into a new environment and run it
	$(call say,package)
	@$(BIN)/python tests/tools/check_package

bench: $(READY)  ## run the benchmarks (BENCH_ARGS="...")
	@$(BIN)/python -m bench $(BENCH_ARGS)

metrics: $(READY)  ## write METRICS.md again
	@$(BIN)/contact-center-exporter metrics > METRICS.md.new
	@mv METRICS.md.new METRICS.md

test-chart: $(READY) .tools/chart-venv/.ready  ## check the Helm chart
	$(call say,chart)
	@$(BIN)/python helm/tests/get-helm
	@$(BIN)/python -m pytest helm/tests $(PYTEST_ARGS)

test-image:  ## build the image and run it hardened (CONTAINER=docker BASE=python:3.13-slim)
	$(call say,image)
	@mkdir -p build
	@command -v $(CONTAINER) > /dev/null || { echo 'make test-image needs $(CONTAINER); or say CONTAINER=docker' >&2; exit 1; }
	$(CONTAINER) build --build-arg BASE=$(BASE) $(BUILD_ARGS) --tag $(IMAGE) .
	$(CONTAINER) run --rm $(HARDENED) $(IMAGE) --version
	@$(CONTAINER) run --rm $(HARDENED) $(IMAGE) metrics > build/METRICS.image.md
	@diff -u METRICS.md build/METRICS.image.md

$(SUITES:%=test-%): test-%: $(READY) tools
	$(call say,$*)
	@[ -d tests/$* ] || { echo 'there is no tests/$* yet' >&2; exit 1; }
	@$(BIN)/python -m pytest tests/$* $(PYTEST_ARGS)

test-full: test test-chart test-image $(patsubst tests/%,test-%,$(wildcard $(APART)))  ## everything, also what needs Debian packages, node or root

clean:  ## remove what these targets made, the environment and the tools included
	rm -rf $(VENV) .tools build dist .coverage .coverage.* METRICS.md.new
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup: $(READY)  ## only make the environment
	@:

tools: $(READY)  ## only build the programs that tests run
	@$(BIN)/python tests/tools/build

$(READY): requirements/dev.txt pyproject.toml
	$(call say,setting up $(VENV))
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'contact-center-exporter needs Python 3.11 or later, and `$(PYTHON)` is not: make PYTHON=python3.12 ...' >&2; exit 1; }
	@$(BIN)/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2> /dev/null \
	  || $(PYTHON) -m venv --clear $(VENV) \
	  || { echo 'cannot make $(VENV): `$(PYTHON) -m venv` has to work (on Debian: the package python3-venv)' >&2; exit 1; }
	@$(BIN)/python $(PIP_INSTALL) --require-hashes --requirement requirements/dev.txt
	@$(BIN)/python $(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

.tools/chart-venv/.ready: helm/tests/requirements.txt
	$(call say,setting up .tools/chart-venv)
	@$(PYTHON) -m venv --clear .tools/chart-venv
	@.tools/chart-venv/bin/python $(PIP_INSTALL) --require-hashes --requirement helm/tests/requirements.txt
	@touch $@

COMPILE := $(UV) --quiet --no-config --no-python-downloads pip compile --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command 'make lock' $(LOCK_ARGS)

lock: $(UV)  ## write the lock files again (LOCK_ARGS=--upgrade for newer versions)
	$(COMPILE) pyproject.toml --extra speed --output-file requirements/run.txt
	$(COMPILE) requirements/build.in --output-file requirements/build.txt
	$(COMPILE) pyproject.toml requirements/build.in --extra speed --group dev --group dashboards \
	  --constraints requirements/run.txt --constraints requirements/build.txt \
	  --output-file requirements/dev.txt
	$(COMPILE) requirements/go.in --output-file requirements/go.txt
	$(COMPILE) requirements/uv.in --output-file requirements/uv.txt
	$(COMPILE) helm/tests/requirements.in --output-file helm/tests/requirements.txt

$(UV): requirements/uv.txt
	$(call say,setting up .tools/uv)
	@$(PYTHON) -m venv --clear .tools/uv
	@.tools/uv/bin/python $(PIP_INSTALL) --require-hashes --requirement requirements/uv.txt
	@touch $@
