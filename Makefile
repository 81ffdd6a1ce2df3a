# Every target sets itself up: all that a machine needs is make and Python 3.11 or newer with pip and venv.

# python3 may be older than what the project needs while python3.11 is there as well, so that one is asked first.
ifndef PYTHON
PYTHON := $(shell command -v python3.11 2>/dev/null || echo python3)
endif

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# The resolver that writes the lock file. It has an environment of its own: nobody who only runs the tests needs it.
UV := build/uv/bin/uv
UV_VERSION := 0.13.9
# What the bill of materials is of.
SERVICE := build/service
# More arguments: `make test ARGS="-k split -x"`, `make lock ARGS=--upgrade`.
ARGS :=

.DEFAULT_GOAL := help
# A recipe that fails half-way must not leave a file that looks finished.
.DELETE_ON_ERROR:
.PHONY: help demo serve test test-spark prove fuzz coverage mutants check format docs site bench bench-quick bundle \
  bundle-check lock audit sbom clean accept-figures

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  PYTHON=... chooses the interpreter (now: $(PYTHON)), ARGS=... adds arguments to test, bench and lock."

demo: $(VENV)/installed ## compute the example's compensation for 2022 into build/demo.xlsx
	@mkdir -p build
	$(BIN)/compensation assess examples/jiyuan-2022.xlsx --year 2022 --policy jiyuan-2022 -o build/demo.xlsx
	@echo "结果 / result: build/demo.xlsx"

serve: $(VENV)/installed ## serve the API and the page on 127.0.0.1:8000; settings are variables
	$(BIN)/python -m api

# One worker more than processors: tests that wait, for a browser or a slow client, leave one idle. In the order of
# their names: sorted by their numbers of tests, files of a few that take long would come last, one after another.
IN_PARALLEL = -n $$(($$(getconf _NPROCESSORS_ONLN) + 1)) --dist loadfile --no-loadscope-reorder

test: $(VENV)/installed ## run all tests; reasons for skipped ones are listed
	$(BIN)/python -m pytest -q -rs $(IN_PARALLEL) $(ARGS)

# TARGET: workbook, csv, parquet, reviews, policy, series, upload or json; see docs/fuzzing.md.
TARGET := workbook
fuzz: $(VENV)/tools ## fuzz a reader: TARGET=csv ARGS="-max_total_time=600"
	$(BIN)/python -m tests.fuzzing.fuzz $(TARGET) build/fuzzing $(ARGS)

test-spark: $(VENV)/spark ## run the tests on a Spark cluster of two processes; needs Java 17
	$(BIN)/python -m pytest -q -rs tests/spark $(ARGS)

coverage: $(VENV)/tools ## run all tests, and fail where a branch of compensation/ was not taken
	@rm -rf build/coverage
	$(BIN)/coverage run -m pytest -q -rs $(IN_PARALLEL) $(ARGS)
	@$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

mutants: $(VENV)/tools ## change the rules in small ways; fail where no test notices
	$(BIN)/python -m tests.mutation.measure $(ARGS)
	$(BIN)/python -m docs.make_reference

prove: $(VENV)/installed ## the proofs, and a hundred times as many examples; about 40 processor minutes
	HYPOTHESIS_PROFILE=deep $(BIN)/python -m pytest -q -rs $(IN_PARALLEL) \
	  tests/proofs tests/test_money_in_money_out.py tests/test_growing_portfolio.py tests/test_assessment.py \
	  tests/test_assessment_properties.py $(ARGS)

check: $(VENV)/installed ## formatting, lint and strict types; changes nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(VENV)/installed ## format the code and apply the safe fixes of the linter
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

# RULE: a function of the table of rules in docs/architecture.md, or a policy's id; WHY: for the changelog.
accept-figures: $(VENV)/installed ## show which figures of the examples moved; RULE=… WHY=… accepts them
	@$(BIN)/python -m examples.golden.figures --rule "$(RULE)" --why "$(WHY)"

docs: $(VENV)/installed ## write the generated pages and the outputs in README and docs/ anew
	$(BIN)/pybabel --quiet compile -d compensation/locale -D compensation
	$(BIN)/python -m docs.make_reference
	$(BIN)/python -m docs.run_blocks

site: $(VENV)/installed ## build the documents as a site into build/site; broken links stop it
	$(BIN)/python -m docs.make_site
	@echo "文档 / documents: build/site/index.html"

# Needs a machine that does nothing else, for an hour; ARGS="--sizes 10000 --forms parquet" for a part of it.
bench: $(VENV)/installed ## time ours and the peers from 10 thousand to 10 million contracts
	$(BIN)/python -m benchmarks.run $(ARGS)

bench-quick: $(VENV)/installed ## fail if ours has become a fifth slower, against DuckDB and itself; ARGS=--keep writes the baseline
	$(BIN)/python -m benchmarks.guard $(ARGS)

# For Linux, the kind of machine and the Python that make it: PYTHON=python3.13 after `make clean` for another one.
bundle: $(VENV)/installed sbom ## make dist/*.tar.gz, which installs the service where there is no network
	$(BIN)/python -m deploy.make_bundle

# In a network namespace with nothing but loopback, which takes root. The wheels are downloaded before.
bundle-check: $(VENV)/installed sbom ## install, start, upgrade and go back from the bundle without a network
	$(BIN)/python -c 'from deploy.make_bundle import locked_wheels; locked_wheels()'
	unshare --net sh -c 'ip link set lo up && exec $(BIN)/python -m deploy.check_bundle'

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

audit: $(VENV)/tools ## ask for known vulnerabilities of all that is locked; says loudly if nobody answers
	$(BIN)/python -m supply_chain.audit $(ARGS)

sbom: $(VENV)/tools $(SERVICE)/installed ## write build/sbom.json: what runs, with licences and hashes (CycloneDX)
	$(BIN)/python -m supply_chain.sbom $(SERVICE) build/sbom.json

clean: ## remove everything that make, tests and tools have written, .venv included
	rm -rf $(VENV) build dist mutants
	find . -type d \( -name __pycache__ -o -name .hypothesis -o -name '.*_cache' \) -prune -exec rm -rf {} +

# Two stamps, since the lock changes rarely and pyproject.toml often: a changed lock makes a new environment
# (--clear, so that nothing dropped from the lock lingers), a changed pyproject.toml only installs the project again.
# Another PYTHON takes effect after `make clean`.
#
# Wheels only: building a source archive would run build tools that the lock doesn't cover.
$(VENV)/locked: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$(PYTHON) is not Python 3.11 or newer; name one: make PYTHON=/path/to/python3.11 ..." >&2; exit 1; }
	@echo "setting up $(VENV) with $(PYTHON) (a minute or two the first time)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(PIP) install --require-hashes --only-binary :all: --requirement requirements.lock
	@touch $@

# No isolation: an isolated build would download a build backend that the lock doesn't cover.
$(VENV)/installed: $(VENV)/locked pyproject.toml
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# pyspark is no wheel; what builds it is locked with everything else.
$(VENV)/spark: $(VENV)/installed requirements-spark.lock
	@echo "adding Spark to $(VENV) (half a gigabyte the first time)"
	@$(PIP) install --require-hashes --only-binary :all: --no-binary pyspark --no-build-isolation \
	  --requirement requirements-spark.lock
	@touch $@

$(VENV)/tools: $(VENV)/installed requirements-tools.lock
	@$(PIP) install --require-hashes --only-binary :all: --requirement requirements-tools.lock
	@touch $@

# The bill of materials is of an environment that holds nothing else (hence --without-pip; the lock has one), and of which
# nothing is run (--no-compile).
$(SERVICE)/installed: requirements-service.lock | $(VENV)/locked
	@echo "setting up $(SERVICE)"
	@$(PYTHON) -m venv --clear --without-pip $(SERVICE)
	@$(PIP) --python $(SERVICE) install --no-compile --require-hashes --only-binary :all: --requirement requirements-service.lock
	@touch $@

$(UV):
	$(PYTHON) -m venv --clear build/uv
	build/uv/bin/python -m pip --disable-pip-version-check --quiet install uv==$(UV_VERSION)
