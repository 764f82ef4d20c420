# Touchline's commands; `make` alone lists them. Each does its own set-up.

.DEFAULT_GOAL := help
VENV := .venv
PY := $(VENV)/bin/python
# `make run` prints how long it took from here to the first page.
export TOUCHLINE_STARTED_AT := $(shell date +%s.%N)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export UV_PYTHON_DOWNLOADS := never
export UV_NO_PROGRESS := 1
# Compiled modules are most of what makes the second start quick.
unexport PYTHONDONTWRITEBYTECODE

# The oldest and the first too new Python; keep with requires-python in pyproject.toml.
RIGHT_PYTHON := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))
ifndef PYTHON
PYTHON := $(shell for name in python3 python3.13 python3.12 python3.11; do \
	$$name -c '$(RIGHT_PYTHON)' >/dev/null 2>&1 && { command -v $$name; break; }; done)
endif
UV_INSTALL = $(PY) -m uv pip install --quiet --python $(PY) --require-hashes
# For every platform and Python, one version of each package for all; with hashes, without a registry's address.
UV_COMPILE = $(PY) -m uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
	--fork-strategy fewest

.PHONY: help
help: ## this list
	@printf 'Touchline: make TARGET\n\n'
	@sed -nE 's/^([a-z][a-z-]*):.*## (.*)/  \1\t\2/p' Makefile | expand -t 20
	@printf '\nTOUCHLINE_PORT chooses the port of make run, TOUCHLINE_DATA_DIR the data folder.\n'

# -- set-up --

.PHONY: python
python:
	@test -n "$(PYTHON)" || { printf '%s\n' \
		'Touchline needs Python 3.11, 3.12 or 3.13 with its venv module, and found none on PATH.' \
		'  Debian and Ubuntu: apt-get install python3-venv   macOS: brew install python@3.12' \
		'  Or name one: make run PYTHON=/path/to/python3.12' >&2; exit 1; }

$(VENV)/.uv: requirements/bootstrap.txt | python
	@echo 'Making the virtual environment ...'
	@$(PYTHON) config/embedded/environment.py
	@touch $@

$(VENV)/.run: requirements/run.txt $(VENV)/.uv
	@echo 'Installing the Python packages ...'
	@$(UV_INSTALL) -r requirements/run.txt
	@touch $@

# The run packages are part of the development ones.
$(VENV)/.dev: requirements/dev.txt $(VENV)/.uv
	@echo 'Installing the Python packages for development ...'
	@$(UV_INSTALL) -r requirements/dev.txt
	@touch $@ $(VENV)/.run

# Any Python will do for it. Only a machine without a Node for Vite has to wait for uv, which gets one.
NODE := $(shell node --version 2>/dev/null | grep -E '^v(20\.(19|[2-9][0-9])|2[1-9]|[3-9][0-9])\.' && command -v npm)
.PHONY: frontend
frontend: | python $(if $(NODE),,$(VENV)/.uv) ## build the pages' scripts and styles, unless nothing changed
	@$(PYTHON) -m config.embedded.frontend build

.PHONY: ready-to-run
ready-to-run: $(VENV)/.run frontend

# -- the two commands --

.PHONY: run
run: ## install, build and start everything, with the demo; Ctrl-C stops it
	@$(MAKE) --no-print-directory -j2 ready-to-run
	@exec env TOUCHLINE_FOLLOW_PARENT=1 $(PY) -m config.embedded up

.PHONY: test test-frontend test-python test-browser
test: test-frontend test-python test-browser ## TypeScript tests, then Python and browser tests on a private PostgreSQL
test-frontend: ready-to-check
	@$(PY) -m config.embedded.frontend run test
test-python: ready-to-check
	@$(PY) -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder --ignore tests/e2e $(PYTEST_OPTIONS)
test-browser: ready-to-check
	@$(PY) -m pytest tests/e2e $(PYTEST_OPTIONS)

.PHONY: ready-to-check
ready-to-check: $(VENV)/.dev frontend

# -- more --

.PHONY: stop status
stop: $(VENV)/.run ## stop a running stack from elsewhere
	@$(PY) -m config.embedded stop
status: $(VENV)/.run ## what runs, and where
	@$(PY) -m config.embedded status

.PHONY: check lint types contracts deploy-check migrations-check
check: lint types contracts migrations-check deploy-check test ## all that CI checks
lint: $(VENV)/.dev ## ruff, Biome
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m config.embedded.frontend run lint
types: $(VENV)/.dev ## mypy (strict) and tsc
	@$(PY) -m mypy
	@$(PY) -m config.embedded.frontend run typecheck
contracts: $(VENV)/.dev ## who may import whom
	@$(VENV)/bin/lint-imports
migrations-check: $(VENV)/.dev ## models and migrations agree
	@$(PY) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
deploy-check: $(VENV)/.dev frontend ## Django's checks with the settings of a deployment
	@env $(DEPLOYMENT) $(PY) manage.py check --deploy --fail-level WARNING

# As in docker-compose.yml behind a TLS proxy. No server is asked.
DEPLOYMENT = DEBUG=0 SECRET_KEY=for-the-check-only-$$(head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n') \
	DATABASE_URL=postgresql://touchline:none@db/touchline REDIS_URL=redis://broker/0 \
	ALLOWED_HOSTS=touchline.example SECURE_COOKIES=1 SECURE_SSL_REDIRECT=1 BEHIND_TLS_PROXY=1 \
	SECURE_HSTS_SECONDS=31536000 MEDIA_ACCEL_PREFIX=/_data/

.PHONY: format
format: $(VENV)/.dev ## let ruff and Biome rewrite the files
	@$(PY) -m ruff format .
	@$(PY) -m ruff check --fix .
	@$(PY) -m config.embedded.frontend run format

.PHONY: bench bench-setup
bench: $(VENV)/.dev frontend ## measure; results in bench-results/
	@$(PY) -m tests.bench
bench-setup: $(VENV)/.dev ## measure a clean clone to its first page, caches empty and warm
	@$(PY) -m tests.bench.bench_setup

.PHONY: simulate
simulate: $(VENV)/.dev ## check by simulation that bounds, tests and plans keep what they promise
	@$(PY) -m tests.simulate

.PHONY: screenshots
screenshots: $(VENV)/.dev frontend ## take the pictures in docs/images anew
	@$(PY) -m tests.screenshots

.PHONY: demo-record check-lerobot check-writers
demo-record: $(VENV)/.uv ## record the demo dataset anew (MuJoCo, some minutes)
	@$(UV_INSTALL) -r requirements/demo.txt
	@$(PY) -m demo.record
check-lerobot: $(VENV)/.dev ## open an export with LeRobot's own reader (a large download)
	@$(PY) -m tests.oracle.check_lerobot $(RELEASE)
check-writers: $(VENV)/.dev ## open releases with TFDS, robomimic and Foxglove's definitions (large downloads)
	@$(PY) -m tests.oracle.check_writers

.PHONY: lock
lock: $(VENV)/.uv ## compile requirements/ from pyproject.toml
	@$(UV_COMPILE) pyproject.toml -o requirements/base.txt
	@$(UV_COMPILE) pyproject.toml --extra embedded -o requirements/run.txt
	@$(UV_COMPILE) pyproject.toml --extra embedded --group dev -o requirements/dev.txt
	@$(UV_COMPILE) pyproject.toml --extra demo --group dev --extra embedded -o requirements/demo.txt
	@$(UV_COMPILE) --group pyproject.toml:bootstrap -o requirements/bootstrap.txt
	@$(UV_COMPILE) --group pyproject.toml:node -o requirements/node.txt

.PHONY: clean
clean: ## remove what was installed and built; the data in .touchline/ stays
	rm -rf $(VENV) frontend/node_modules frontend/static/build bench-results
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
