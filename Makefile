# Linli (邻里): everything a person does with a checkout. `make` alone lists it.
# Set-up happens by itself before the first target that needs it, and is not repeated while the pins stay the same.

PORT   ?= 8000
HOST   ?= 127.0.0.1
CITY   ?= hangzhou
PUBLIC ?= slow
T      ?=
QUICK  ?=
SEED   ?=
JOBS   ?= auto

PYTHON3 ?= python3
PYTHON  := .venv/bin/python
FLASK   := $(PYTHON) -m flask --app wsgi
PYBABEL := $(PYTHON) -m babel.messages.frontend
CATALOGUES := app/translations
COMPILED := $(patsubst %.po,%.mo,$(wildcard $(CATALOGUES)/*/LC_MESSAGES/*.po))

.DEFAULT_GOAL := help
.PHONY: help setup run test check smoke bench bench-offers integrity pages screenshots messages clean \
	check-format check-lint check-types check-imports check-tests check-migrations check-messages

help: ## this list
	@echo 'Linli 邻里'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo 'Variables: PORT=$(PORT) HOST=$(HOST) CITY=$(CITY) (hangzhou, tiny) PUBLIC=$(PUBLIC) (off, slow, fast)'
	@echo '           T=tests/dispatch (what to test) JOBS=$(JOBS) (test processes) PYTHON3=$(PYTHON3)'

# ---------- set-up ----------

setup: .venv/.ready static/vendor/.ready $(COMPILED) ## fetch the pinned packages (the other targets do it themselves)

.venv/.ready: requirements.txt
	@$(PYTHON) -c 'import pip' 2>/dev/null || { \
		$(PYTHON3) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
			echo 'Linli needs Python 3.11 or newer, and "$(PYTHON3)" is not that: install one,' >&2; \
			echo 'or name the one you have:  make PYTHON3=python3.12 $(MAKECMDGOALS)' >&2; exit 1; }; \
		$(PYTHON3) -c 'import ensurepip, venv' 2>/dev/null || { \
			echo 'Python has no venv module here. On Debian and Ubuntu:  apt install python3-venv' >&2; exit 1; }; \
		echo 'Making .venv with $(PYTHON3).'; \
		$(PYTHON3) -m venv --clear .venv; }
	@echo 'Installing the Python packages of requirements.txt into .venv; the first time takes about half a minute.'
	@{ command -v uv >/dev/null && uv pip install --quiet --python $(PYTHON) -r requirements.txt; } \
		|| $(PYTHON) -m pip install --quiet --disable-pip-version-check -r requirements.txt \
		|| { echo 'The Python packages could not be fetched (pip'"'"'s own words are above).' >&2; \
			echo 'Most often there is no way to the package index: no network, or a proxy pip does not know of.' >&2; \
			echo 'When there is one, run again:  make $(MAKECMDGOALS)' >&2; exit 1; }
	@touch $@

.venv/.compiled: $(wildcard dispatch/*.py dispatch/*/*.py) | .venv/.ready
	@echo 'Compiling the loops of the engine; after a change of the engine this takes about a minute.'
	@$(PYTHON) -m dispatch warm
	@touch $@

.venv/.bench-ready: tests/bench/requirements.txt | .venv/.ready
	@echo 'Installing what the engine is measured against into .venv; once.'
	@{ command -v uv >/dev/null && uv pip install --quiet --python $(PYTHON) -r $<; } \
		|| $(PYTHON) -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

.venv/.integrity-ready: tests/integrity/requirements.txt | .venv/.ready
	@echo 'Installing what the long forms of integrity need into .venv; once.'
	@{ command -v uv >/dev/null && uv pip install --quiet --python $(PYTHON) -r $<; } \
		|| $(PYTHON) -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

.venv/.pages-ready: tests/pages/requirements.txt tests/pages/lighthouse/package-lock.json | .venv/.ready
	@echo 'Fetching Lighthouse and a Node.js for it into .venv and tests/pages/lighthouse/; once.'
	@{ command -v uv >/dev/null && uv pip install --quiet --python $(PYTHON) -r $<; } \
		|| $(PYTHON) -m pip install --quiet --disable-pip-version-check -r $<
	@$(PYTHON) -m tests.pages.node
	@touch $@

static/vendor/.ready: static/package-lock.json app/vendor.py | .venv/.ready
	@echo 'Fetching the browser libraries and the place names of the demo city (25 MB) into static/.'
	@$(PYTHON) -P app/vendor.py

%.mo: %.po | .venv/.ready
	@$(PYBABEL) --quiet compile -i $< -o $@

# ---------- use ----------

run: setup ## set up all that is missing and serve Linli with its demo city
	@$(FLASK) setup --city $(CITY)
	@HOST=$(HOST) PORT=$(PORT) PUBLIC=$(PUBLIC) exec $(FLASK) serve

test: setup .venv/.compiled ## the test suite, then the short form of integrity (T=path for a part of the suite alone)
	@$(PYTHON) -m pytest -n $(JOBS) $(T)
	@$(if $(T),,QUICK=1 $(PYTHON) -m tests.integrity)

check: setup check-format check-lint check-types check-imports check-tests check-migrations check-messages ## format, lint, types, imports, tests that load, migrations, catalogue

smoke: setup ## the whole loop as three users against a server started for it
	@$(FLASK) smoke

bench: setup .venv/.compiled .venv/.bench-ready ## measure every bar beside its peers, one JSON line each (QUICK=1: small sizes, a minute)
	@QUICK=$(QUICK) $(PYTHON) -m tests.bench $(T)

bench-offers: setup ## play ways of offering against each other in made-up cities: table, bars, frontier (QUICK=1: a look in a minute)
	@QUICK=$(QUICK) OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(PYTHON) -m tests.bench.bench_offers

integrity: setup .venv/.compiled $(if $(QUICK),,.venv/.integrity-ready) ## attack everything that must never break, one JSON line a bar (QUICK=1: a minute; T="storm kills", SEED=7)
	@QUICK=$(QUICK) SEED=$(SEED) $(PYTHON) -m tests.integrity $(T)

pages: setup .venv/.compiled $(if $(or $(filter lighthouse,$(T)),$(if $(QUICK)$(T),,all)),.venv/.pages-ready) ## measure what people see in a real browser, one JSON line a bar (QUICK=1: a minute; T="axe bytes"; T=screenshots)
	@QUICK=$(QUICK) $(PYTHON) -m tests.pages $(T)

screenshots: setup ## take the README's pictures anew
	@$(PYTHON) -m tests.browser.screenshots

clean: ## remove what tools left behind (not .venv, not your data in instance/)
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis test-results
	@find . -name __pycache__ -type d -not -path './.venv/*' -not -path './static/*' -prune -exec rm -rf {} +

# ---------- the parts of check ----------

check-format:
	@$(PYTHON) -m ruff format --check .

check-lint:
	@$(PYTHON) -m ruff check .

check-types:
	@$(PYTHON) -m mypy

check-imports:
	@.venv/bin/lint-imports --no-logo

check-tests: # mypy does not read the tests: a name they import may be gone
	@$(PYTHON) -m pytest --collect-only --quiet --quiet >/dev/null

check-migrations:
	@scratch=$$(mktemp -d) && trap 'rm -rf "$$scratch"' EXIT && export DATABASE_URL="sqlite:///$$scratch/check.db" \
		&& $(FLASK) db upgrade && $(FLASK) db check

# ---------- sentences ----------

EXTRACT := $(PYBABEL) --quiet extract -F pyproject.toml -k _l -k lazy_gettext --no-location --project Linli
UPDATE  := $(PYBABEL) --quiet update -l en -d $(CATALOGUES) -N --ignore-obsolete --ignore-pot-creation-date

messages: setup ## carry new sentences from the code into the English catalogue
	@mkdir -p $(CATALOGUES)
	@scratch=$$(mktemp -d) && trap 'rm -rf "$$scratch"' EXIT && $(EXTRACT) -o "$$scratch/messages.pot" app models \
		&& $(UPDATE) --init-missing -i "$$scratch/messages.pot" \
		&& echo 'Now translate what is empty in $(CATALOGUES)/en/LC_MESSAGES/messages.po.'

check-messages:
	@scratch=$$(mktemp -d) && trap 'rm -rf "$$scratch"' EXIT && $(EXTRACT) -o "$$scratch/messages.pot" app models \
		&& { $(UPDATE) --check -i "$$scratch/messages.pot" 2>/dev/null \
			|| { echo 'The English catalogue lacks sentences of the code:  make messages' >&2; exit 1; }; }
