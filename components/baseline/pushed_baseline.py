"""The pushed version to compare a candidate with."""

from __future__ import annotations

import json
from functools import cache

from mocogan.components.model_pusher.manifest import model_sha256
from mocogan.components.model_pusher.pushed_version import PushedVersion, find_version


def baseline_text(baseline: PushedVersion | None) -> str:
    """The baseline as a parameter of a pipeline. Empty: there is none."""
    return json.dumps(baseline._asdict(), sort_keys=True) if baseline else ""


def baseline_from_text(text: str) -> PushedVersion | None:
    """Reads what `baseline_text` wrote."""
    return PushedVersion(**json.loads(text)) if text else None


def find_baseline(serving_model_dir: str, candidate: str) -> PushedVersion | None:
    """Finds the newest pushed version of a pipeline that is another model than the candidate.

    The candidate itself can be the newest version, if the pipeline runs again without changes.

    Args:
        serving_model_dir: Folder of the versions of this pipeline, local or an address. It may be missing.
        candidate: Folder of the candidate's SavedModel.

    Returns:
        The baseline, or None if no other model was pushed.

    Raises:
        ValueError: The candidate is not a SavedModel of this project.
        tf.errors.OpError: A file cannot be read.
    """
    own = cache(lambda: model_sha256(candidate))  # only if there are versions
    return find_version(serving_model_dir, lambda digest: digest != own())
