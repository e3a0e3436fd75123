# Two commands: `make demo` and `make test`. Both set everything up first.

VENV := .venv
BIN := $(VENV)/bin

# Interpreters that pyenv has, active or not: the newer ones are tested where they exist.
INTERPRETERS := $(wildcard $(HOME)/.pyenv/versions/3.1[123]*/bin/python)

.PHONY: demo test setup clean

demo: setup
	@$(BIN)/mynacard demo || [ $$? -eq 1 ]

test: setup
	$(BIN)/tox run $(if $(INTERPRETERS),--discover $(INTERPRETERS))

setup:
	@tools/setup $(VENV)

clean:
	rm -rf $(VENV) .tox dist
