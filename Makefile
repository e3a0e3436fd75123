# Two commands: `make demo` and `make test`. Both set everything up first.

VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test setup clean

demo: setup
	@$(BIN)/mynacard demo || [ $$? -eq 1 ]

test: setup
	$(BIN)/tox run

setup:
	@tools/setup $(VENV)

clean:
	rm -rf $(VENV) .tox dist
