"""Quality runs on several data sets in turn: training, measurement, and one table."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tfx.utils import path_utils

from mocogan.components.video_evaluator.sampling import ClipModel
from mocogan.data import atomic
from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.local_runner import run_locally
from mocogan.pipeline.machine import describe_machine
from mocogan.pipeline.metadata.reader import MetadataReader, NodeRun
from mocogan.trainer.contract import TRAINING_SUMMARY_FILE, TrainingSummary

Result = dict[str, Any]  # ready for JSON


class DataSetRun(NamedTuple):
    """What is done with a data set."""

    # Writes videos into a folder, if need be, and configures the run in it.
    prepare: Callable[[str], Config]
    # Trains, and measures the model.
    measure: Callable[[Config], Result]


class TrainedModel(NamedTuple):
    """A model, and the run of the pipeline that trained it."""

    model: ClipModel
    summary: TrainingSummary
    nodes: Mapping[str, NodeRun]  # by node id

    def facts(self) -> Result:
        """How long the training was."""
        return {
            "steps": self.summary.steps,
            "minutes": self.summary.seconds / 60,
            "clips_per_second": self.summary.clips_per_second,
        }


def train(config: Config) -> TrainedModel:
    """Runs the pipeline. Raises ExpectedError if it fails."""
    run_locally(config)
    nodes = MetadataReader(config.store).newest_run()
    trainer = nodes["MoCoGanTrainer"].outputs
    summary = Path(trainer["model_run"][-1].uri, TRAINING_SUMMARY_FILE).read_text("utf-8")
    return TrainedModel(
        ClipModel(path_utils.serving_model_path(trainer["model"][-1].uri)),
        TrainingSummary.model_validate_json(summary),
        nodes,
    )


def run_data_sets(
    data_sets: Mapping[str, DataSetRun],
    result_file: Path,
    minutes: float,
    as_markdown: Callable[[Mapping[str, Result]], str],
) -> int:
    """Prepares all data sets, then trains and measures on each. Prints the table, and the results as JSON.

    Args:
        data_sets: What is done, by name. Each has a folder of its name beside the result file.
        result_file: Where the results are written, after each data set.
        minutes: Minutes of each training, for the heading of the table.
        as_markdown: Makes the table.

    Returns:
        The exit status.
    """
    machine = describe_machine("tensorflow", "numpy")
    print(machine, flush=True)
    results: dict[str, Result] = {}
    try:
        # A wrong source or option of the last data set shows before the first one trains.
        configs = {
            name: data_set.prepare(str(result_file.parent / name))
            for name, data_set in data_sets.items()
        }
        for name, config in configs.items():
            results[name] = data_sets[name].measure(config)
            atomic.write_file(result_file, json.dumps(results, indent=2).encode())
    except (ExpectedError, OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted. Run the same command again to resume", file=sys.stderr)
        return 130
    print(f"\n{machine}; {minutes:g} minutes of training per data set\n")
    print(f"{as_markdown(results)}\nwritten to {result_file}\n{json.dumps(results)}")
    return 0
