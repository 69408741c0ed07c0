# The environment is made on first use and remade when the pins change.
VENV    ?= .venv
PROFILE ?= quick
JOBS    ?=
BROWSER ?= yes
SCHEDULER ?=
SEED    ?=
SEEDS   ?= 20
FIGURE  ?=
LAB     ?=

# Through the environment, so that no quote in a value can end a quotation here.
export CHAPTER P PYTHON SEED SEEDS VENV
# Whatever the locale, paths and pages are read as UTF-8; a reader's own modules are not the project's.
export PYTHONUTF8 := 1
unexport PYTHONPATH PYTHONHOME PYTHONSTARTUP PYTHONWARNINGS PYTHONOPTIMIZE

py      := "$$VENV/bin/python"
builder := $(py) -m bookbuilder --profile '$(PROFILE)' $(if $(JOBS),--jobs '$(JOBS)') $(if $(SEED),--seed="$$SEED")

# The script needs any Python 3 that runs; it finds a suitable one for the environment itself.
find_python := for each in "$$PYTHON" python3 python3.14 python3.13 python3.12 python3.11 python; do \
	  if [ -n "$$each" ] && "$$each" -c 'import sys; sys.exit(sys.version_info < (3, 8))' >/dev/null 2>&1; \
	  then echo "$$each"; break; fi; done

.PHONY: help book pdf lab chapter seeds sweep test probe lint bench clean lock environment

help:
	@echo 'make book                   execute every chapter that changed and render the book'
	@echo '     PROFILE=full           ... with the sizes of the paper instead of minutes (quick)'
	@echo '     JOBS=4                 ... so many chapters at a time (default: one per core)'
	@echo '     SEED=3                 ... with another seed in every chapter that draws anything'
	@echo 'make pdf                    the whole book as _build/book.pdf, printed by Chromium'
	@echo '                            (CHROMIUM=/path chooses it)'
	@echo 'make lab                    JupyterLab, where the chapters open as notebooks'
	@echo 'make chapter CHAPTER=name P="alpha=0.3 beta=0.8"'
	@echo '                            re-run one chapter with other parameters, apart from the book'
	@echo '     P="beta=0.2,0.5 activation=relu,tanh"'
	@echo '                            ... at every combination, resumably, with an index page; a comma'
	@echo '                            in brackets belongs to its value: widths=[0.1,20] is one list'
	@echo '     SCHEDULER=tcp://...    ... on the workers of a Dask scheduler'
	@echo 'make seeds SEEDS=20         run every chapter that draws anything under the seeds 1 to 20, resumably,'
	@echo '                            and renew the table on the page Seeds (PROFILE, JOBS, SCHEDULER;'
	@echo '                            CHAPTER="curves kernel" runs these only)'
	@echo 'make sweep FIGURE=fig1b     compute a stored result again, resumably: a figure, images, a ladder,'
	@echo '                            or all (PROFILE=full, JOBS=2)'
	@echo 'make test                   lint, library, chapters and pages; BROWSER=no leaves out the'
	@echo '                            pages in a browser (Chromium; CHROMIUM=/path chooses it)'
	@echo 'make probe                  200 random problems through simulate and every method of predict'
	@echo 'make lint                   ruff, mypy and the order of imports'
	@echo 'make bench                  costs of trials and formulas beside their targets'
	@echo '     GROWTH=1000,2000,4000  ... and how they grow over these sizes (500,1000,2000)'
	@echo '     KEEP=lib/onestep/studies/data/bench.nc'
	@echo '                            ... and renew what the page Performance shows'
	@echo 'make lock                   renew requirements.txt from the ranges in pyproject.toml'
	@echo 'make clean                  remove everything that was built, but not the environment'
	@echo 'VENV=dir PYTHON=path        choose the environment and the interpreter that makes it'

environment:
	@python=$$($(find_python)); \
	if [ -n "$$python" ]; then set -- "$$python"; \
	elif command -v uv >/dev/null 2>&1; then set -- uv run --quiet --no-project --python 3.13; \
	else echo 'error: no working Python 3 on PATH: install python3 and python3-venv (Debian, Ubuntu), python3 (Fedora),' \
	  'python@3.13 (Homebrew) or uv, which fetches one; or name it by PYTHON=/path' >&2; exit 1; fi; \
	"$$@" lib/bookbuilder/environment.py "$$VENV"

book: environment
	@$(builder) book

pdf: environment
	@$(builder) pdf

lab: environment
	@JUPYTER_CONFIG_PATH="$$PWD/.jupyter" $(py) -m jupyterlab --ServerApp.root_dir="$$PWD/book" $(LAB)

chapter: environment
	@$(builder) chapter "$$CHAPTER" "$$P" $(if $(SCHEDULER),--scheduler '$(SCHEDULER)')

seeds: environment
	@$(builder) seeds --count="$$SEEDS" --chapters="$$CHAPTER" $(if $(SCHEDULER),--scheduler '$(SCHEDULER)')

sweep: environment
	@$(py) -m onestep.studies sweep $(FIGURE) --profile '$(PROFILE)' $(if $(JOBS),--processes '$(JOBS)')

# A process per core, one thread each: the tests of a file share what they build.
test: lint
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(py) -m pytest --numprocesses logical --dist loadfile \
	  --durations=10 --browser=$(if $(filter no,$(BROWSER)),no,yes)

probe: environment
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(py) -m pytest tests/test_random_problems.py \
	  --problems 200 --browser=no

lint: environment
	@$(py) -m ruff check lib tests
	@$(py) -m ruff format --check lib tests
	@$(py) -m mypy
	@"$$VENV/bin/lint-imports" --no-cache --no-logo

bench: environment
	@$(py) -m onestep.studies bench --twin tests/protocol.py $(if $(GROWTH),--growth '$(GROWTH)') \
	  $(if $(KEEP),--keep '$(KEEP)')

lock: environment
	@"$$VENV/bin/uv" pip compile --quiet --generate-hashes --universal --python-version 3.11 \
	  --all-extras pyproject.toml -o requirements.txt

clean:
	rm -rf _build .pytest_cache .mypy_cache .ruff_cache .hypothesis
