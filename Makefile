# 乡情码. `make help` explains every target.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PY := .venv/bin/python
# Libraries are installed uncompiled; a start that may not keep what it compiled takes twice as long, every time.
unexport PYTHONDONTWRITEBYTECODE

##@ Use it
.PHONY: run
run: ## Set everything up and serve the demonstration village at http://127.0.0.1:8000 (PORT changes it)
	@scripts/setup.sh run
	@exec $(PY) scripts/run.py

##@ Change it
.PHONY: test lint fuzz simulate bench lock fmt texts
test: ## Set up and run the whole suite on both databases, with a browser
	@scripts/setup.sh test
	@scripts/test.sh

lint: ## Style, types and who may import whom
	@scripts/setup.sh test
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports

fmt: ## Put every file into our layout
	$(PY) -m ruff format . && $(PY) -m ruff check --fix .

fuzz: ## Ten million random byte strings into every decoder and parser (N=…)
	$(PY) -m tests.geocode.fuzz --count $(or $(N),10000000)

simulate: ## Seeded schedules of the market and its money on both databases (N=…, SEED=… replays one)
	@scripts/setup.sh test
	@scripts/simulate.sh $(or $(N),2000) $(SEED)

bench: ## Every benchmark, as ratios in one run; see bench/README.md
	@scripts/setup.sh test
	$(PY) -m bench

texts: ## Collect every text into the catalogue of translations
	.venv/bin/pybabel extract -F commons/translations/babel.cfg -k _l -k _n -k lazy_gettext --no-location --sort-output -o commons/translations/messages.pot .
	.venv/bin/pybabel update -i commons/translations/messages.pot -d commons/translations -l en --no-fuzzy-matching

lock: ## Pin every requirement anew, with hashes and without addresses (needs uv)
	@command -v uv >/dev/null || { echo "缺少 uv：先运行 pip install uv（或 pipx install uv）" >&2; exit 3; }
	uv pip compile -q --upgrade --generate-hashes --no-emit-index-url --no-header --no-annotate requirements.in -o requirements.txt
	uv pip compile -q --generate-hashes --no-emit-index-url --no-header --no-annotate requirements-test.in -o requirements-test.txt

##@ Understand it
.PHONY: help
help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile
