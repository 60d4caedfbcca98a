"""What a run of a made store is like, and the options and parameters that follow from it."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any, NamedTuple

from mocogan.pipeline.config.loading import load_config
from mocogan.pipeline.config.rendering import to_yaml
from mocogan.pipeline.config.settings import Config

ERROR = "weights contain NaN or Inf after step 120"  # of runs that failed
_DATA = "/videos"
_CODE = "0" * 16  # fingerprint of all code but VideoEvaluator's


class RecordedRun(NamedTuple):
    """A run. The nodes before those that `changed` decides come from the cache."""

    changed: str = "data"  # data, config, code (of VideoEvaluator), nothing
    ended: str = (
        "done"  # done, failed (in the trainer), killed (in the trainer), running (in the trainer)
    )
    name: str | None = None
    steps: int = 20000
    blessed: bool = True
    distance: float = 1.0
    content: str = "0" * 64  # fingerprint of the videos
    code: str = _CODE  # fingerprint of VideoEvaluator's code

    @property
    def reason(self) -> str:
        """Why the model is blessed, or not."""
        if self.blessed:
            return "blessed: 18 checks passed"
        return "not blessed: clip_distance is above 0.3"


@functools.cache
def config_of(out: Path, steps: int, name: str | None = None) -> Config:
    """The configuration of a run."""
    assignments = [f"trainer.run.steps={steps}", f"run_name={json.dumps(name)}"]
    return load_config(data=_DATA, out=str(out), assignments=assignments)


@functools.cache
def config_text(out: Path, steps: int, name: str | None) -> str:
    """The content of the file `config.yaml`."""
    return to_yaml(config_of(out, steps, name))


@functools.cache
def ingest_config() -> str:
    """The options of VideoExampleGen, as JSON."""
    return load_config(data=_DATA).ingest.model_dump_json()


@functools.cache
def trainer_config(out: Path, steps: int) -> str:
    """The options of MoCoGanTrainer, as JSON."""
    return json.dumps(config_of(out, steps).trainer.model_dump(mode="json"), sort_keys=True)


def code_of(node: str, run: RecordedRun) -> str:
    """The fingerprint of the code of a node."""
    return run.code if node == "VideoEvaluator" else _CODE


def parameters(node: str, run: RecordedRun, out: Path, baseline: str) -> dict[str, Any]:
    """The parameters of an execution.

    Args:
        node: Name of the node.
        run: What the run is like.
        out: The output folder.
        baseline: What BaselineFinder found, as JSON. Empty: nothing.
    """
    known: dict[str, Any] = {"code_fingerprint": code_of(node, run)}
    if node == "VideoExampleGen":
        known |= {"input_base": _DATA, "ingest_config": ingest_config(), "span": 0}
        known |= {"input_fingerprint": run.content}
    elif node == "MoCoGanTrainer":
        custom = {
            "checkpoint_root": f"{out}/checkpoints",
            "log_root": f"{out}/tensorboard",
            "trainer_config": json.loads(trainer_config(out, run.steps)),
        }
        known |= {
            "custom_config": json.dumps(custom),
            "run_fn": "mocogan.trainer.entry_point.run_fn",
        }
        known |= {"train_args": json.dumps({"num_steps": run.steps})}
    elif node == "BaselineFinder":
        known |= {"serving_model_dir": config_of(out, run.steps).serving_model_dir}
        known |= {"baseline": baseline}
    return known
