# One word per habit: `make ask Q="…"`, `make test`, `make check`, `make bench`. Each sets up what it needs first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEERS := .peers
Q ?= Can we host EU customer data on Alibaba Cloud?

.PHONY: setup ask test check lock bench bench-peers bench-screening soak clean

setup: $(VENV)/.installed

# The lock holds hashes, so pip refuses anything else; compiled-only wheels are preferred, no compiler is needed.
$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Caveat needs Python 3.11 or later, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.dev: $(VENV)/.installed requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements-dev.lock
	touch $@

# The question travels by the environment, so that quotes and dollar signs arrive as they were typed.
ask: export QUESTION := $(value Q)
ask: setup
	@$(BIN)/caveat ask "$$QUESTION"

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .

# PEER is an interpreter with the transformer that the static table is compared with; see tests/bench_index.py.
bench: setup
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench_index $(PEER)
	$(BIN)/python -m tests.bench_scale
	$(BIN)/python -m tests.bench_answers
	$(BIN)/python -m tests.measure_threads
	$(BIN)/python -m tests.bench_ack
	@echo 'Names beside nomenklatura and rapidfuzz: make bench-screening.'
	@echo 'Beside LlamaIndex, LangChain, Haystack and BM25: make bench-peers (a sample: ARGS="--documents 2 --questions 40").'

# The peers live in a venv of their own; the whole comparison takes most of an hour and writes docs/benchmarks.md.
bench-peers: setup $(PEERS)/.installed
	$(BIN)/python -m tests.bench_peers $(PEERS)/bin/python $(ARGS)

# Names beside nomenklatura and rapidfuzz, needs ../shared; some minutes. Writes its part of docs/benchmarks.md.
bench-screening: setup $(PEERS)/.names
	$(BIN)/python -m tests.bench_screening $(PEERS)/bin/python $(ARGS)

# Where nomenklatura cannot be built, what is published of it stands in its row.
$(PEERS)/.names: tests/peers/names.txt
	test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS)
	-$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check -r tests/peers/names.txt
	touch $@

$(PEERS)/.installed: tests/peers/requirements.txt
	test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check -r tests/peers/requirements.txt
	touch $@

soak: $(VENV)/.dev
	CAVEAT_TESTS_COLD=1 $(BIN)/python -m pytest -m soak -n 0 --timeout 3600 $(ARGS)

lock:
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra postgres --group build pyproject.toml -o requirements.lock
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra postgres --group build --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:
	rm -rf $(VENV) $(PEERS) build *.egg-info
