# The two commands of this project are `make run` and `make test`; the others are parts of them.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
NODE_MAJOR := $(shell node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/')

.PHONY: run test app-id lint types layers tests sdk bench clean

## Starts the development server. HOST, PORT, DATABASE_URL and PARSE_SERVER_… are read from the environment.
run: $(VENV)/run.stamp
	@exec $(BIN)/python manage.py runserver

## Prints the application id that an SDK is initialised with.
app-id: $(VENV)/run.stamp
	@$(BIN)/python manage.py application_id

## Everything that has to hold before a change lands.
test: lint types layers tests

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/dev.stamp
	$(BIN)/mypy

layers: $(VENV)/dev.stamp
	$(BIN)/lint-imports

tests: $(VENV)/dev.stamp sdk
	$(BIN)/pytest -n auto --dist loadgroup

## Runs our server and the reference side by side and writes benchmarks/RESULTS.md; takes minutes, wants a quiet machine.
bench: $(VENV)/dev.stamp
	$(BIN)/python -m benchmarks

# The official SDK, for tests/sdk and for JavaScript Cloud Code, which the server installs itself where it is configured.
# Without Node their tests are skipped; in CI that is a failure.
NODE_FOLDERS := tests/sdk parse_cloud/bridge/node

sdk:
	@if [ "0$(NODE_MAJOR)" -ge 20 ]; then \
		for folder in $(NODE_FOLDERS); do \
			[ $$folder/node_modules/.package-lock.json -nt $$folder/package.json ] \
				|| (cd $$folder && npm install --no-audit --no-fund --loglevel=error) || exit 1; \
		done; \
	elif [ "$(CI)" = true ]; then \
		echo "Node 20 or newer is needed to run the SDK's tests and JavaScript Cloud Code"; exit 1; \
	else \
		echo "Skipping the tests of the SDK and of JavaScript Cloud Code: they need Node 20 or newer"; \
	fi

# Stamps: a second run installs nothing.
$(VENV)/run.stamp: requirements.txt constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name it: make PYTHON=…")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the requirements into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache $(NODE_FOLDERS:%=%/node_modules)
