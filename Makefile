PYTHON ?= python3
# Flags for `make lock`: `make lock LOCK_FLAGS=--upgrade` takes the newest versions the ranges allow.
LOCK_FLAGS ?=
# Worksteal, because property tests take far longer than their neighbours.
TEST_FLAGS ?= -n 2 --dist worksteal

VENV := .venv
BIN := $(VENV)/bin
CORE := $(VENV)/.stamp-core
DEV := $(VENV)/.stamp-dev
EXAMPLE := examples/public-evidence

# Where this is set, nothing compiled is kept and every start takes three times as long.
unexport PYTHONDONTWRITEBYTECODE
# Neither may change what is tested.
unexport PYTHONPATH PYTHONWARNINGS

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test check lint format types imports coverage docs wheel-test bench soak lock wheel clean

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-18s %s\n", $$1, $$2}'

demo: $(CORE) ## check and review the example portfolio, and write its report as a page
	@mkdir -p build
	@$(BIN)/headway check $(EXAMPLE)
	@$(call judged,$(BIN)/headway review $(EXAMPLE))
	@$(call judged,$(BIN)/headway review $(EXAMPLE) --format html -o build/public-evidence.html)
	@echo "The same review as a page: build/public-evidence.html"

test: $(DEV) ## run the tests
	@$(BIN)/python -m pytest $(TEST_FLAGS)

check: lint types imports docs coverage wheel-test ## everything that must hold before a change goes in

lint: $(DEV) ## style and format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: $(DEV) ## mend style and format where that needs no judgement
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

types: $(DEV) ## types, strictly
	@$(BIN)/mypy src tests

imports: $(DEV) ## which room may import which
	@$(BIN)/lint-imports --no-logo

coverage: $(DEV) ## run the tests and hold branch coverage to its floors
	@$(BIN)/python -m pytest $(TEST_FLAGS) --cov --cov-report=
	@$(BIN)/coverage report --fail-under=95
	@$(BIN)/coverage report --include='*/headway/kernel/*,*/headway/gates/*,*/headway/decisions/*' --fail-under=100

docs: $(DEV) ## build the documentation into build/site, with every link checked
	@$(BIN)/python -m docs.site

wheel-test: $(DEV) ## build the wheel and use it on every Python it is for
	@$(BIN)/python tools/wheel_test.py

bench: $(DEV) ## measure speed against the stated floors
	@$(BIN)/python benchmarks/run.py

soak: $(DEV) ## run the tests that take minutes
	@$(BIN)/python -m pytest tests/soak -m soak --log-cli-level=INFO --log-cli-format='%(message)s'

lock: $(DEV) ## pin every dependency with its hashes
	@$(call compile,requirements.lock)
	@$(call compile,requirements-dev.lock,--extra postgres --group dev --constraint requirements.lock)

wheel: $(DEV) ## build the wheel into dist/
	@$(BIN)/python -m pip --quiet --disable-pip-version-check wheel --no-deps --no-build-isolation -w dist .

clean: ## remove what builds and tests leave behind, and the environment
	@rm -rf $(VENV) build dist htmlcov .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache \
	  .import_linter_cache
	@find src tests benchmarks tools -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# pyproject.toml counts, because an editable install copies the entry points out of it.
$(CORE): requirements.lock pyproject.toml | $(BIN)/python
	@$(call install,requirements.lock)
	@touch $@

# The development lock holds the core lock, so it stamps both.
$(DEV): requirements-dev.lock pyproject.toml | $(BIN)/python
	@$(call install,requirements-dev.lock)
	@touch $(CORE) $@

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || \
	  { echo "headway needs Python 3.11 or newer, and '$(PYTHON)' is not there. Name one: make PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "headway needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) -V 2>&1). Name another: make PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --root-user-action=ignore

# Silent unless it fails: then everything pip said is the message.
install = echo "Installing $(1) into $(VENV) (a minute or two the first time)"; \
  { $(PIP) --require-hashes -r $(1) && $(PIP) --no-deps --no-build-isolation -e .; } >$(VENV)/install.log 2>&1 \
  || { cat $(VENV)/install.log >&2; exit 1; }

# 1 (a gate is missed) and 4 (evidence is missing or undecided) are answers; anything else is a fault.
judged = $(1); status=$$?; case $$status in 0|1|4) ;; *) exit $$status;; esac

# With their extras, or pip takes a newer version for the extra alone and finds no hash for it.
compile = UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
  --fork-strategy fewest --generate-hashes --no-strip-extras $(LOCK_FLAGS) --group build $(2) pyproject.toml -o $(1)
