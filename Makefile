# Every target sets itself up: all that a machine needs is make and Python 3.11 or newer with pip and venv.
# What is needed less often is a script in tools/; `make help` lists both.

# python3 may be older than what the project needs while python3.11 is there as well, so that one is asked first.
ifndef PYTHON
PYTHON := $(shell command -v python3.11 2>/dev/null || echo python3)
endif

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Wheels only: building a source archive would run build tools that the lock doesn't cover. Bytecode is written for what
# is imported, once it is: for everything, it takes as long as the rest of the installation.
INSTALL := install --require-hashes --only-binary :all: --no-compile --requirement
# The resolver that writes the lock files. It has an environment of its own: nobody who only runs the tests needs it.
UV := build/uv/bin/uv
UV_VERSION := 0.13.9
# More arguments: `make test ARGS="-k split -x"`, `make lock ARGS=--upgrade`.
ARGS :=

# Images of containers often set this: each process would then compile the project, and each of the tests' workers what it
# collects.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
# A recipe that fails half-way must not leave a file that looks finished.
.DELETE_ON_ERROR:
.PHONY: help demo test quick check format serve docs lock bundle prove accept-figures clean

help: ## list the targets and the tools
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@awk 'FNR == 2 { sub("# ", ""); printf "  %-20s %s\n", FILENAME, $$0 }' tools/*
	@echo
	@echo "  PYTHON=... chooses the interpreter (now: $(PYTHON)), ARGS=... adds arguments to test, quick, prove and lock."

demo: $(VENV)/installed ## compute the example's compensation for 2022 into build/demo.xlsx
	@mkdir -p build
	$(BIN)/compensation assess examples/jiyuan-2022.xlsx --year 2022 --policy jiyuan-2022 -o build/demo.xlsx
	@echo "结果 / result: build/demo.xlsx"

# In the order of their names: sorted by their numbers of tests, files of a few that take long would come last, one
# after another.
PYTEST := $(BIN)/python -m pytest -q --dist loadfile --no-loadscope-reorder
# One worker more than processors: tests that wait, for a browser or a slow client, leave one idle.
TESTS = $(PYTEST) -n $$(($$(getconf _NPROCESSORS_ONLN) + 1))

test: $(VENV)/installed ## run all tests; reasons for skipped ones are listed
	$(TESTS) -rs $(ARGS)

quick: $(VENV)/installed ## run the tests that need no browser, server, LibreOffice or process, in a minute
	$(PYTEST) -n auto -m "not process and not slow" $(ARGS)

prove: $(VENV)/installed ## the proofs, two hundred times as many examples, and all seeds; about an hour of the processor
	HYPOTHESIS_PROFILE=deep $(TESTS) -rs tests/proofs tests/test_money_in_money_out.py \
	  tests/test_growing_portfolio.py tests/test_assessment.py tests/test_assessment_properties.py \
	  tests/explanation tests/ledger/test_as_of.py tests/settlement/test_settle_files.py \
	  tests/record/test_settlements.py tests/report/test_workbook.py tests/test_loading.py $(ARGS)

check: $(VENV)/installed ## formatting, lint and strict types; changes nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(VENV)/installed ## format the code and apply the safe fixes of the linter
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

serve: $(VENV)/installed ## serve the API and the page on 127.0.0.1:8000; settings are variables
	$(BIN)/python -m api

docs: $(VENV)/installed ## write the generated pages and the outputs in README and docs/ anew
	$(BIN)/pybabel --quiet compile -d compensation/locale -D compensation
	$(BIN)/python -m docs.make_reference
	$(BIN)/python -m docs.run_blocks

# RULE: a function of the table of rules in docs/architecture.md, or a policy's id; WHY: for the changelog.
accept-figures: $(VENV)/installed ## show which figures of the examples moved; RULE=… WHY=… accepts them
	@$(BIN)/python -m examples.golden.figures --rule "$(RULE)" --why "$(WHY)"

# For Linux, the kind of machine and the Python that make it: PYTHON=python3.13 after `make clean` for another one.
bundle: $(VENV)/installed ## make dist/*.tar.gz, which installs the service where there is no network
	tools/sbom
	$(BIN)/python -m deploy.make_bundle

# Versions already locked stay unless pyproject.toml rules them out; ARGS=--upgrade moves to the newest.
# One version for all supported Pythons and platforms (--universal, fewest): what one developer tests is what
# everybody runs. Local settings are kept out (--no-config, env -u): the file must hold names, versions and hashes
# of the public releases, and no address.
LOCK = env -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS -u UV_INDEX UV_CUSTOM_COMPILE_COMMAND="make lock" \
	$(UV) pip compile --no-config --quiet --universal --python-version 3.11 --fork-strategy fewest \
	  --generate-hashes --no-emit-index-url --no-emit-find-links
# What the service runs with is a part of what is tested: the same versions (--constraint), without the tools.
lock: $(UV) ## write the files of locked requirements anew from pyproject.toml
	$(LOCK) --extra api --group dev $(ARGS) --output-file requirements.lock pyproject.toml
	$(LOCK) --constraint requirements.lock --extra api --group bundle $(ARGS) --output-file requirements-service.lock \
	  pyproject.toml
	$(LOCK) --constraint requirements.lock --group spark $(ARGS) --output-file requirements-spark.lock
	$(LOCK) --constraint requirements.lock --constraint requirements-service.lock --group tools $(ARGS) \
	  --output-file requirements-tools.lock

clean: ## remove everything that make, tests and tools have written, .venv included
	rm -rf $(VENV) build dist mutants
	find . -type d \( -name __pycache__ -o -name .hypothesis -o -name '.*_cache' \) -prune -exec rm -rf {} +

# Two stamps, since the lock changes rarely and pyproject.toml often: a changed lock makes a new environment
# (--clear, so that nothing dropped from the lock lingers), a changed pyproject.toml only installs the project again.
# Another PYTHON takes effect after `make clean`.
#
# pip comes first, as locked: the one that Python 3.11 brings takes three times as long to choose among the wheels.
$(VENV)/locked: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$(PYTHON) is not Python 3.11 or newer; name one: make PYTHON=/path/to/python3.11 ..." >&2; exit 1; }
	@echo "setting up $(VENV) with $(PYTHON) (a minute or two the first time)"
	@$(PYTHON) -m venv --clear $(VENV)
	@sed -n '/^pip==/,/[^\\]$$/p' requirements-service.lock >$(VENV)/pip.lock
	@$(PIP) $(INSTALL) $(VENV)/pip.lock
	@$(PIP) $(INSTALL) requirements.lock
	@touch $@

# No isolation: an isolated build would download a build backend that the lock doesn't cover.
$(VENV)/installed: $(VENV)/locked pyproject.toml
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# What few need is added by the script that needs it: .venv/tools, .venv/spark (half a gigabyte).
# pyspark is no wheel; what builds it is locked with everything else. To pack it, only to be unpacked, would take two
# thirds of the time.
$(VENV)/%: $(VENV)/installed requirements-%.lock
	@echo "adding $* to $(VENV)"
	@printf '[bdist_wheel]\ncompression = stored\n' >$(VENV)/unpacked.cfg
	@DIST_EXTRA_CONFIG=$(CURDIR)/$(VENV)/unpacked.cfg \
	  $(PIP) $(INSTALL) requirements-$*.lock --no-binary pyspark --no-build-isolation
	@touch $@

# build/service, for the bill of materials: an environment that holds nothing else (hence --without-pip; the lock has one).
build/%/installed: requirements-%.lock | $(VENV)/locked
	@echo "setting up build/$*"
	@$(PYTHON) -m venv --clear --without-pip build/$*
	@$(PIP) --python build/$* $(INSTALL) requirements-$*.lock
	@touch $@

$(UV):
	$(PYTHON) -m venv --clear build/uv
	build/uv/bin/python -m pip --disable-pip-version-check --quiet install uv==$(UV_VERSION)
