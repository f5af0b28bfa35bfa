# Everything a newcomer types. Needs Python 3.11, make, and pip's own access to packages; each target stands alone.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
ARGS ?=
JOBS ?= auto
RUN := .venv/bin
lock_of = $(shell $(PYTHON) -c "import hashlib; print(hashlib.sha256(open('requirements/$(1).txt','rb').read()).hexdigest()[:16])")
RUNTIME := .venv/runtime-$(call lock_of,runtime).stamp
DEV := .venv/dev-$(call lock_of,dev).stamp
PYTEST := $(RUN)/pytest -n $(JOBS) -m "not e2e and not slow"

.PHONY: help demo test test-services e2e bench check soak

help:
	@echo "make demo [ARGS='--exit --json']   the story, then the console"
	@echo "make test                          the suite on SQLite, no services"
	@echo "make test-services                 the suite on PostgreSQL and Redis, with a real Celery worker and a real Tryton"
	@echo "make e2e                           the journeys in a real browser"
	@echo "make check                         lint, types, import contracts, migrations, deployment checks"
	@echo "make bench                         speed beside its references, in a scratch database on PostgreSQL and Redis"
	@echo "make soak                          the long figures, added to docs/measurements/, coverage, mutation testing"

# A stamp is named after the lock it was made from: a changed lock installs again, an unchanged one costs nothing.
$(RUNTIME) $(DEV): .venv/%.stamp:
	@test -x $(RUN)/python || $(PYTHON) -m venv .venv
	@echo "installing requirements/$(firstword $(subst -, ,$*)).txt …" >&2
	@$(RUN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
		-r requirements/$(firstword $(subst -, ,$*)).txt >&2
	@touch $@

demo: $(RUNTIME)
	@$(RUN)/python manage.py migrate --verbosity 0
	@$(RUN)/python manage.py demo $(ARGS)

test: $(DEV)
	env -u DATABASE_URL -u DATABASE_OWNER_URL -u REDIS_URL $(PYTEST) $(ARGS)

test-services: $(DEV)
	$(RUN)/python -m tests.with_services tests/services/with_tryton $(PYTEST) $(ARGS)

e2e: $(DEV)
	@command -v chromium >/dev/null || ./tests/e2e/install_browser
	$(RUN)/pytest -n $(JOBS) --dist loadfile -m e2e tests/e2e $(ARGS)

check: $(DEV)
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy .
	$(RUN)/lint-imports
	$(RUN)/python manage.py makemigrations --check --dry-run
	$(RUN)/python -m tests.config.production_check

bench: $(DEV)
	$(RUN)/python -m tests.with_services $(RUN)/python manage.py bench $(ARGS)

soak: $(DEV)
	$(RUN)/pytest -m slow
	env -u DATABASE_URL -u DATABASE_OWNER_URL -u REDIS_URL $(PYTEST) --hypothesis-profile=explore \
		--cov --cov-report=term:skip-covered
	$(RUN)/python -m tests.with_services $(RUN)/python manage.py bench --seconds 30 --write
	env -u DATABASE_URL -u DATABASE_OWNER_URL -u REDIS_URL $(RUN)/python -m tests.mutation
