"""A pipeline's folder, with what decides about the model that a training starts from, as small as possible."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import NamedTuple

from mocogan.components.model_pusher.push import push
from mocogan.components.warm_start.chosen_start import start_of_latest
from mocogan.trainer.checkpoints.training_key import training_key
from mocogan.trainer.config import TrainerConfig


class Training(NamedTuple):
    """The folder, and SavedModels to push."""

    out: Path
    models: list[str]

    @property
    def examples(self) -> Path:
        return self.out / "examples/Split-train"

    @property
    def graph(self) -> Path:
        return self.out / "graph"

    @property
    def parameters(self) -> dict[str, str]:
        """Of WarmStartFinder."""
        return {
            "warm_start": "latest",
            "training_options": TrainerConfig().training_options(),
            "checkpoint_root": str(self.out / "checkpoints"),
            "serving_model_dir": str(self.out / "serving"),
            "code_fingerprint": "abc",
        }

    def new_data(self, content: bytes) -> None:
        self.examples.mkdir(parents=True, exist_ok=True)
        shard = self.examples / "data_tfrecord-00000-of-00001.gz"
        shard.write_bytes(gzip.compress(content, mtime=0))

    def push(self, number: int, keep_versions: int | None = None) -> str:
        """Pushes a model. Returns its version's folder."""
        serving = self.parameters["serving_model_dir"]
        return push(self.models[number], serving, keep_versions=keep_versions).folder

    def begin(self, start: str) -> None:
        """Writes the first checkpoint of the training that starts so."""
        saved_model = str(self.graph / "transform_fn")
        files = [str(path) for path in self.examples.iterdir()]
        key = training_key(self.parameters["training_options"], files, saved_model, start)
        folder = self.out / "checkpoints" / key
        folder.mkdir(parents=True)
        (folder / "step-00000000.npz").touch()

    def start(self) -> str:
        parameters = self.parameters
        return start_of_latest(
            parameters["training_options"],
            [f"{self.examples}/*"],
            str(self.graph / "transform_fn"),
            parameters["checkpoint_root"],
            parameters["serving_model_dir"],
        )
