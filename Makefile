# Two commands do everything on a Debian machine with Python 3.11 and make: `make demo` and `make test`.
PYTHON ?= python3.11
VENV   ?= .venv
BIN    := $(VENV)/bin
RUN    := $(BIN)/python -m

.PHONY: help demo test mutants fuzz check format real docs notebooks system clean

help:                ## list the targets
	@grep -E '^[a-z]+: .*##|^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

$(BIN)/.installed: pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed: set PYTHON=python3"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(RUN) pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(BIN)/.tested: $(BIN)/.installed
	$(RUN) pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test,dev]'
	@touch $@

demo: $(BIN)/.installed   ## install into .venv, audit the bundled study, say where map and report lie
	@$(RUN) compileall -q src
	$(BIN)/landzone demo -o maps/demo

system:              ## what the tests need from Debian's packages: Chromium, PostGIS, a CJK font
	@sh tests/system.sh

test: $(BIN)/.tested system   ## every test, with Chromium and PostGIS
	@$(RUN) compileall -q src
	$(RUN) pytest -n 2 --dist loadscope --no-loadscope-reorder

fuzz: $(BIN)/.tested      ## 2,000 files with bytes changed at random
	LANDZONE_MUTATIONS=2000 $(RUN) pytest tests/io/test_mutations.py

mutants: $(BIN)/.tested   ## one comparison or sum changed at a time in rules/ and measures/: does a test notice?
	$(BIN)/python tests/mutation/mutants.py

check: $(BIN)/.tested     ## format, lint, types, import contracts
	$(BIN)/ruff format --check src tests data benchmarks
	$(BIN)/ruff check src tests data benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: $(BIN)/.tested    ## mend format and imports
	$(BIN)/ruff check --fix src tests data benchmarks
	$(BIN)/ruff format src tests data benchmarks

docs: $(BIN)/.installed   ## write the generated pages of docs/ again
	$(RUN) landzone.docs docs

real: $(BIN)/.tested      ## the real data that may not be shipped (folder in LANDZONE_REAL_DATA)
	$(RUN) pytest tests/real -q -o addopts=

clean:               ## remove what was built
	rm -rf $(VENV) build dist out maps/demo
