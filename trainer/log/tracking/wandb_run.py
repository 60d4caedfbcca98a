"""A run in Weights & Biases."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import wandb
from wandb.errors import Error

from mocogan.trainer.log.options import Value
from mocogan.trainer.log.tracking.trackers import TrackingFailed


def open_run(project: str, run_id: str | None, name: str, options: Mapping[str, Value]) -> WandbRun:
    """Continue the run with this id, or create one if the id is None."""
    with _failing():
        run = wandb.init(
            project=project,
            id=run_id,
            name=name,
            config=dict(options),
            resume="allow",
            settings=wandb.Settings(console="off", quiet=True),
        )
        # A training that resumes goes back some steps, which W&B's own step cannot do.
        run.define_metric("step", hidden=True)
        run.define_metric("*", step_metric="step")
    return WandbRun(run)


class WandbRun:
    """Logs to a run of Weights & Biases."""

    def __init__(self, run: wandb.Run) -> None:
        self.run_id = str(run.id)
        self._run = run

    def write_scalars(self, step: int, values: Mapping[str, float]) -> None:
        """Log scalars by name."""
        with _failing():
            self._run.log({"step": step, **values})

    def write_samples(self, step: int, name: str, gif: bytes) -> None:
        """Log a sample grid as a video."""
        key = "samples/real" if name == "real" else "samples/generated"
        with _failing():
            self._run.log({"step": step, key: wandb.Video(io.BytesIO(gif), format="gif")})

    def end(self) -> None:
        """Mark the run as finished."""
        with _failing():
            self._run.finish()


@contextmanager
def _failing() -> Iterator[None]:
    try:
        yield
    except (Error, OSError) as error:
        raise TrackingFailed(str(error).splitlines()[0]) from error
