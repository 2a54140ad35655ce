# Every target makes .venv when it is not ready; .venv/ready is written last.
# Extra pip arguments: make test PIP_ARGS=--no-index

PYTHON ?= python3
PIP_ARGS ?=
BIN := .venv/bin

.PHONY: demo demo-check test test-browser test-all lint bench lexicon quality messages docs clean

demo: .venv/ready  ## harvest the sample repositories and browse the result
	$(BIN)/harvester demo

demo-check: .venv/ready  ## the same without serving, in a folder that is thrown away
	data=$$(mktemp -d) && $(BIN)/harvester --db $$data demo --no-serve; code=$$?; rm -rf $$data; exit $$code

test: .venv/ready  ## every test that needs no system package
	$(BIN)/pytest -n auto -m "not browser"

test-browser: .venv/ready  ## the tests in a real browser (needs Chromium)
	$(BIN)/pytest -n 2 -m browser tests/browser

test-all: .venv/ready  ## also the tests in a real browser (needs Chromium)
	$(BIN)/pytest -n auto

lint: .venv/ready  ## linter, formatter, types, generated files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python docs/generate.py --check

bench: .venv/ready  ## benchmarks, each prints a table
	$(BIN)/python bench/harvest.py
	$(BIN)/python bench/normalise.py
	$(BIN)/python bench/uncut.py
	$(BIN)/python bench/export.py

lexicon: .venv/ready  ## learn phrases with commas from harvested records, or from FILES
	$(BIN)/harvester lexicon $(FILES)

quality: .venv/ready  ## how well the corpus and the gold set are understood
	$(BIN)/python bench/quality.py

messages: .venv/ready  ## bring the catalogues of the interface's languages up to date
	$(BIN)/pybabel -q extract -F pyproject.toml --add-location=file --sort-output -k Rule -o messages.pot .
	$(BIN)/pybabel -q update -D explorer -i messages.pot -d harvester/explorer/locale \
	  --no-fuzzy-matching --ignore-obsolete --width=96; code=$$?; rm -f messages.pot; exit $$code

docs: .venv/ready  ## write the generated parts of docs/ and schemas/ anew
	$(BIN)/python docs/generate.py

.venv/ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or later is needed: make $(MAKECMDGOALS) PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
	  { echo "This Python lacks ensurepip: apt install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv
	$(BIN)/pip install --quiet --disable-pip-version-check $(PIP_ARGS) -e '.[test,browser,lint]'
	touch .venv/ready

clean:
	rm -rf .venv dist build
