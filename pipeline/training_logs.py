"""The logs of trainings in an output folder."""

from __future__ import annotations

from pathlib import Path

from mocogan.trainer.contract import METRICS_FILE

LOG_ROOT = "tensorboard"  # in the output folder, with a folder per training


def newest_training_log(out: Path, since: float = 0.0) -> Path | None:
    """The folder of the training that wrote last.

    Args:
        out: Output folder of the runs.
        since: Seconds since 1970. Logs that were not written since then do not count.
    """
    written = {
        path.parent: path.stat().st_mtime for path in (out / LOG_ROOT).glob(f"*/{METRICS_FILE}")
    }
    newest = max(written, key=lambda folder: written[folder], default=None)
    return newest if newest and written[newest] >= since else None
