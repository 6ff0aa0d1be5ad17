# Everything happens in .venv; the only things needed beforehand are Python 3.11+, git and make.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
SHARED ?= $(wildcard ../shared)
export OPENROUTER_CONNECTOR_SHARED ?= $(abspath $(SHARED))

.DEFAULT_GOAL := help

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: .venv/sandbox ## Perform four actions in the sandbox, and keep the files (LIVE=1: with real models)
	@$(BIN)/openrouter-connector demo $(if $(LIVE),--live)

# One process more than there are cores, since tests wait as well; and compiled code is kept, since
# they start a hundred processes.
WORKERS = $(shell $(BIN)/python -c 'import os; print((os.cpu_count() or 1) + 1)')
TESTS = PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

test: .venv/dev ## Run the tests
	@$(TESTS)

coverage: .venv/dev ## Run the tests, and say how much of the code they reach
	@$(TESTS) --cov --cov-report=term:skip-covered

studio: .venv/studio bundle ## Build the Studio if need be, and open it in the browser (ARGS=--sandbox)
	@$(BIN)/openrouter-connector studio $(ARGS)

# Vite writes the pages into the package. Node is that of this machine, or one from PyPI.
BUNDLE := src/openrouter_connector/faces/http/studio_bundle
NPM = PYTHON=$(PYTHON) tools/npm
WEB_SOURCES = $(shell find web/src web/public -type f) $(addprefix web/,index.html package.json \
	tsconfig.json vite.config.ts)

bundle: $(BUNDLE)/index.html ## Build the pages of the Studio

check-web: web/src/api/schema.ts ## Check the types, the style and the logic of the Studio's pages
	@$(NPM) run --silent check

dist: .venv/dev bundle ## Build the wheel and the source archive, with the Studio in them
	@rm -rf dist && $(BIN)/python -m build >/dev/null
	@$(BIN)/python -m zipfile -l dist/*.whl | grep studio_bundle/index.html >/dev/null || \
		{ echo "the wheel holds no Studio"; rm -rf dist; exit 1; }
	@ls dist

servers: .venv-servers/ready ## Install servers that are not ours, for the tests of them

check: .venv/dev ## Lint, check types, and see that derived files are current
	@$(BIN)/ruff check . && $(BIN)/ruff format --check --quiet . && $(BIN)/mypy
	@$(BIN)/openrouter-connector validate
	@$(BIN)/python docs/generate.py --check

docs: .venv/dev ## Derive the reference pages, the schemas and the tables anew
	@$(BIN)/python docs/generate.py

bench: .venv/dev ## Measure ours beside httpx and the SDKs
	@$(BIN)/python -m benchmarks

endure: .venv/dev ## Kill runs of flows at random moments, and compare what they return
	@$(BIN)/python -m benchmarks.endure $(if $(DATABASE),--database $(DATABASE)) $(ARGS)

record: .venv/dev ## Record the exchanges of the tests anew, from the sandbox
	@rm -rf tests/cassettes && $(BIN)/python -m pytest tests/actions/test_cassettes.py --record

api-diff: .venv/dev ## Tell which actions a newer OpenAPI document or SDK touches: SPEC=new.yaml or SDK=1.3.90
	@test -n "$(SPEC)$(SDK)" || { echo "give the newer document or SDK: make api-diff SPEC=new.yaml, or SDK=1.3.90"; exit 2; }
ifdef SDK
	@test -d build/sdk-$(SDK)/openrouter || $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
		--target build/sdk-$(SDK) openrouter==$(SDK)
	@$(BIN)/python tools/api_diff.py $(or $(OLD),$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')) build/sdk-$(SDK)
else
	@$(BIN)/python tools/api_diff.py $(or $(OLD),$(SHARED)/reference/openrouter-openapi.yaml) $(SPEC)
endif

format: .venv/dev ## Bring the code into its form
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

clean: ## Remove all that was made
	@rm -rf .venv .venv-servers .venv-node web/node_modules $(BUNDLE) demo-output dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed"; exit 1; }
	@echo "setting up .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv .venv

.venv/sandbox: .venv/bin/python pyproject.toml
	@test -e .venv/dev || $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[sandbox]'
	@touch $@

.venv/dev: .venv/bin/python pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ .venv/sandbox

.venv/studio: .venv/bin/python pyproject.toml
	@test -e .venv/dev || $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[studio]'
	@touch $@

web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	@echo "installing the packages of the Studio's pages"
	@$(NPM) ci --silent --no-audit --no-fund
	@touch $@

web/openapi.json: .venv/studio connector.yaml $(shell find src/openrouter_connector/faces/http -name '*.py')
	@$(BIN)/python -m tools.openapi $@

web/src/api/schema.ts: web/openapi.json web/node_modules/.package-lock.json
	@$(NPM) run --silent api
	@touch $@

$(BUNDLE)/index.html: web/src/api/schema.ts $(WEB_SOURCES)
	@echo "building the Studio"
	@$(NPM) run --silent build -- --logLevel warn
	@touch $@

.venv-servers/ready: tests/third_party/requirements.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed"; exit 1; }
	@$(PYTHON) -m venv .venv-servers
	@.venv-servers/bin/python -m pip install --quiet --disable-pip-version-check --no-compile \
		--only-binary :all: --no-deps --requirement $<
	@touch $@

.PHONY: help demo test coverage studio bundle check-web dist servers check docs bench endure record api-diff format clean
