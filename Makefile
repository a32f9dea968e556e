# Two commands matter to a newcomer: `make run` and `make test`. Each sets up what it needs.
.PHONY: run test ready check bench docs lock messages screenshots test-core test-server test-postgres test-browser

PYTHON := .venv/bin/python
PYTEST := $(PYTHON) -m pytest -q
LIBRARY_TESTS := tests/kernel tests/reading tests/publishing tests/standard tests/measurement tests/items tests/grading tests/testing tests/library

run:  ## serve the product on 127.0.0.1:8000 with demo sign-ins
	@scripts/setup.sh run
	@LIANGCAI_DEMO=1 .venv/bin/liangcai serve --with-worker

test: ready test-core test-server test-postgres test-browser  ## every test: core without Django, both databases, a real browser

ready:  ## say at once what is missing, or install it
	@scripts/setup.sh dev

test-core:
	@scripts/setup.sh core
	.venv-core/bin/python -m pytest -q -n 2 $(LIBRARY_TESTS)

test-server:
	@scripts/setup.sh dev
	$(PYTEST) -n 2 tests/server tests/cli tests/docs

test-postgres:
	@scripts/setup.sh dev
	LIANGCAI_TEST_POSTGRES=1 $(PYTEST) tests/server

test-browser:
	@scripts/setup.sh dev
	$(PYTEST) tests/browser

check:  ## style, types, layers, documentation; no tests
	@scripts/setup.sh dev
	.venv/bin/ruff format --check -q .
	.venv/bin/ruff check -q .
	LIANGCAI_DEMO=1 LIANGCAI_DATA=build/check .venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/sphinx-build -q -W --keep-going -b html docs docs/_build/html

docs:  ## the documentation in docs/_build/html
	@scripts/setup.sh dev
	.venv/bin/sphinx-build -q -W --keep-going -b html docs docs/_build/html
	@echo docs/_build/html/index.html

bench:  ## everything slow: speed against the stated targets, full simulations
	@scripts/setup.sh dev
	@for script in benchmarks/*.py benchmarks/measurement/*.py; do echo "== $$script"; $(PYTHON) $$script || exit 1; done

messages:  ## collect the sentences to translate
	@scripts/setup.sh dev
	cd src/liangcai/server && LIANGCAI_DEMO=1 LIANGCAI_DATA=../../../build/messages ../../../$(PYTHON) -m django makemessages --locale zh_Hans --no-obsolete --no-wrap --no-location --settings liangcai.server.config.settings

screenshots:  ## take the documentation's pictures anew (imagemagick and poppler-utils must be there)
	@scripts/setup.sh dev
	$(PYTHON) scripts/screenshots.py

lock:  ## solve the dependencies anew
	scripts/lock.sh
