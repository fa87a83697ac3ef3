# The one door: people, hooks and CI run the same commands. Tools come from .venv if it is there, else from the PATH.
BIN := $(if $(wildcard .venv/bin/python),.venv/bin)

.PHONY: check lint format test

check: lint test

lint:
	BIN='$(BIN)' bash .ci/lint

test:
	$(if $(BIN),$(BIN)/)pytest -q -n 2 --cov

format:
	$(if $(BIN),$(BIN)/)ruff check --fix
	$(if $(BIN),$(BIN)/)ruff format
