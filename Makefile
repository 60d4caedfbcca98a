# The commands of this project; `make` alone lists them.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.NOTPARALLEL:

# Of the command line alone: an OUT or DATA in the environment is someone else's.
DATA =
OUT = output
CONFIG =
SET =
PRESET = shapes
MINUTES = 60
PYTEST_ARGS =
SELECTED = -m "not exhaustive"
export DATA OUT CONFIG MINUTES PRESET

# The tfx command line looks for `pip` and `python` on PATH.
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: help install demo test test-all lint pytest test-next bench-ingest bench-train bench-torch bench-shapes bench-ablation lock clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' "$(firstword $(MAKEFILE_LIST))" | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

install: ## makes .venv from the hashed lock (STACK=py310|py313 to choose)
	@scripts/install.sh

demo: install ## the main job, on built-in data or DATA=folder; OUT=folder, CONFIG=file.yaml, SET="trainer.run.steps=500 ..."
	@mocogan demo --out "$$OUT" $${DATA:+--data "$$DATA"} $${CONFIG:+--config "$$CONFIG"} $(foreach pair,$(SET),--set '$(pair)')

test: lint pytest ## what every change must pass: format, lint, types, layers, tests; about 6 minutes

test-all: SELECTED =
test-all: lint pytest ## the same with the exhaustive tests; before a release

lint: install ## format, lint, types and layers alone
	@ruff format --check .
	@ruff check .
	@mypy
	@report=$$(lint-imports --no-logo) || { echo "$$report"; exit 1; }; tail -n 1 <<<"$$report"

# On the processor: each process would take a whole GPU's memory, and TF32 has fewer digits than some tests compare.
pytest: install ## the tests of `make test` alone (PYTEST_ARGS="-k name ...")
	@CUDA_VISIBLE_DEVICES=-1 pytest -n 2 --dist loadfile --no-loadscope-reorder --quiet $(SELECTED) $(PYTEST_ARGS)

test-next: ## the tests with the next stack, in a Debian 13 root folder (as root; needs debootstrap)
	@scripts/test_next.sh

bench-ingest: install ## the ingest against ffmpeg, its memory and its scaling; some 25 minutes
	@python -m benchmarks.ingest

bench-train: install ## the training step against PyTorch, the seed and the machine's limit; some 15 minutes
	@python -m benchmarks.train

bench-torch: ## PyTorch in .tools/torch, for bench-train to compare with
	@scripts/install_torch.sh

bench-shapes: install ## trains on shape motion and measures the model; DATA=folder, MINUTES=60, OUT=folder, PRESET=shapes, SET="..."
	@python -m mocogan.pipeline.experiments.shapes --preset "$$PRESET" --data "$$DATA" --minutes "$$MINUTES" --out "$$OUT" $(foreach pair,$(SET),--set '$(pair)')

bench-ablation: install ## what each option gives on shape motion in the same time; DATA=folder, MINUTES=20, OUT=folder, JOBS=2, SET="..."
	@python -m mocogan.pipeline.experiments.ablation --data "$$DATA" --minutes "$$MINUTES" --out "$$OUT" --jobs "$${JOBS:-1}" $(foreach pair,$(SET),--set '$(pair)')

lock: ## writes locks/ anew from pyproject.toml (UPGRADE=1 for the newest versions)
	@scripts/lock.sh

clean: ## removes the environments and caches, not OUT
	@rm -rf --one-file-system .venv .tools .next build ./*.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
