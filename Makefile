# The commands of this project. Run `make` to list them.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
ifndef AT_ONCE
.NOTPARALLEL:
endif

# These variables come only from the command line. OUT or DATA in the environment may have another purpose.
DATA =
OUT = output
CONFIG =
SET =
PRESET = shapes
MINUTES = 60
PYTEST_ARGS =
SELECTED = -m "not exhaustive"
SHAPES =
ACTIONS =
DIGITS =
MODEL =
ARGS =
CUDA =
IMAGE = mocogan
export DATA OUT CONFIG MINUTES PRESET SHAPES ACTIONS DIGITS MODEL CUDA IMAGE

# The tfx command line needs `pip` and `python` on PATH.
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: help install demo test test-all lint style types pytest test-next image image-check gpu-check test-engines docs notebooks bench-ingest bench-engines bench-again bench-train bench-sample bench-torch bench-shapes bench-ablation bench-recipe bench-text bench-metrics bench-push bench-runs bench-serve lock clean

help: ## list the commands
	@grep -E '^[a-z-]+:.*##' "$(firstword $(MAKEFILE_LIST))" | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

install: ## install all packages into .venv from the hashed lock (STACK=py310|py313; CUDA=1 for NVIDIA GPUs)
	@scripts/install.sh

demo: install ## run the pipeline on generated videos or DATA=folder; OUT=folder, CONFIG=file.yaml, SET="trainer.run.steps=500 ..."
	@mocogan demo --out "$$OUT" $${DATA:+--data "$$DATA"} $${CONFIG:+--config "$$CONFIG"} $(foreach pair,$(SET),--set '$(pair)')

# Types are checked beside the tests, because the tests also wait. `-k`: an error in one does not stop the other.
test: style ## check format, lint, types and layers, and run the tests; 10 to 20 minutes
	@$(MAKE) -j2 -k AT_ONCE=1 types pytest

test-all: style ## the same, with the exhaustive tests; for releases
	@$(MAKE) -j2 -k AT_ONCE=1 SELECTED= types pytest

lint: style types ## check only format, lint, types and layers

style: install
	@ruff format --check .
	@ruff check .

types: install
	@mypy
	@report=$$(lint-imports --no-logo) || { echo "$$report"; exit 1; }; tail -n 1 <<<"$$report"

# The tests run on the CPU. Each process would reserve all GPU memory, and TF32 is less precise than some tests need.
# They keep compiled bytecode, because they start many processes, and each would compile the project again.
pytest: install ## run only the tests of `make test` (PYTEST_ARGS="-k name ...")
	@CUDA_VISIBLE_DEVICES=-1 PYTHONDONTWRITEBYTECODE= pytest -n 2 --dist loadfile --no-loadscope-reorder --quiet $(SELECTED) $(PYTEST_ARGS)

test-next: ## run the tests with the next stack, in a Debian 13 root folder (as root; needs debootstrap)
	@scripts/test_next.sh

test-engines: SELECTED = -m engines
test-engines: install ## run ingests and pipelines on Prism, and checks on Flink (needs Go and Java; downloads 300 MB)
	@scripts/install_engines.sh
	@CUDA_VISIBLE_DEVICES=-1 pytest -n 0 --quiet $(SELECTED) tests/pipeline/beam_runners $(PYTEST_ARGS)

image: ## build the container image with docker, podman or buildah (IMAGE=name; CUDA=0 without CUDA)
	@scripts/image.sh $(ARGS)

image-check: install ## build and run the image without Docker, on Debian 13 from debootstrap (as root; needs buildah and Go)
	@scripts/image_check.sh

gpu-check: install ## train 200 steps of preset paper on a GPU, export and evaluate; at most 8 minutes (ARGS=--cpu: tiny, without GPU)
	@python -m benchmarks.gpu $(ARGS)

docs: install ## build the documentation in site/ (open site/index.html)
	@NO_MKDOCS_2_WARNING=1 mkdocs build --quiet

notebooks: install ## run the notebooks and store their outputs (needs Chromium; ARGS=components: only this one)
	@python scripts/notebook_outputs.py $(ARGS)

bench-ingest: install ## measure the ingest: speed against ffmpeg, memory and scaling; about 25 minutes
	@python -m benchmarks.ingest

bench-engines: install ## measure the ingest on Prism, and what two workers of a training read; after `make test-engines`; about 5 minutes
	@python -m benchmarks.engines
	@python -m benchmarks.shared_reading

bench-again: install ## measure an ingest of 1 % more videos, and one after a kill; about 5 minutes
	@python -m benchmarks.ingest_again

bench-train: install ## measure the training step: speed against PyTorch, the seed code and the machine's limit; about 15 minutes
	@python -m benchmarks.training.train

bench-sample: install ## measure sampling from exported models: speed against PyTorch and the machine's limit; about 8 minutes
	@python -m benchmarks.training.sample

bench-torch: ## install PyTorch into .tools/torch, for the comparison in bench-train and bench-sample
	@scripts/install_torch.sh

bench-push: install ## push models while processes are killed and disks are full; about 5 minutes
	@python -m benchmarks.push

bench-runs: install ## measure the commands on runs and the site, on a store of 1,000 runs; about 2 minutes
	@python -m benchmarks.runs

bench-serve: install ## measure the server: speed, latency, faults; MODEL=pushed version; about 5 minutes
	@python -m benchmarks.serve "$$MODEL"

bench-shapes: install ## train on shape motion and measure the model; DATA=folder, MINUTES=60, OUT=folder, PRESET=shapes, SET="..."
	@python -m mocogan.pipeline.experiments.shapes --preset "$$PRESET" --data "$$DATA" --minutes "$$MINUTES" --out "$$OUT" $(foreach pair,$(SET),--set '$(pair)')

bench-ablation: install ## compare the options on shape motion, each for the same time; DATA=folder, MINUTES=20, OUT=folder, JOBS=2, SET="..."
	@python -m mocogan.pipeline.experiments.ablation --data "$$DATA" --minutes "$$MINUTES" --out "$$OUT" --jobs "$${JOBS:-1}" $(foreach pair,$(SET),--set '$(pair)')

bench-recipe: install ## train on several data sets and measure each model; SHAPES=, ACTIONS=, DIGITS=, MINUTES=60, OUT=folder, SET="..."
	@python -m mocogan.pipeline.experiments.recipe --minutes "$$MINUTES" --out "$$OUT" $${SHAPES:+--shapes "$$SHAPES"} $${ACTIONS:+--actions "$$ACTIONS"} $${DIGITS:+--digits "$$DIGITS"} $(foreach pair,$(SET),--set '$(pair)')

bench-text: install ## train on captioned shapes and measure each attribute; MINUTES=60, DIGITS=folder or .npz, OUT=folder, SET="..."
	@python -m mocogan.pipeline.experiments.text --minutes "$$MINUTES" --out "$$OUT" $${DIGITS:+--digits "$$DIGITS"} $(foreach pair,$(SET),--set '$(pair)') $(ARGS)

bench-metrics: install ## show what the metrics see and whom the gate refuses; SHAPES=, ACTIONS=, DIGITS=folder or .npz, OUT=folder
	@python -m mocogan.pipeline.experiments.evaluation --out "$$OUT" $${SHAPES:+--shapes "$$SHAPES"} $${ACTIONS:+--actions "$$ACTIONS"} $${DIGITS:+--digits "$$DIGITS"} $(ARGS)

lock: ## update locks/ from pyproject.toml (UPGRADE=1 for the newest versions)
	@scripts/lock.sh

clean: ## remove the environments and caches, but not OUT
	@rm -rf --one-file-system .venv .tools .next build ./*.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis site
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
