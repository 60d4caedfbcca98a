"""The ingest report: what became of every file, in numbers and in words."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from tfx.dsl.io import fileio

from components.video_example_gen.outcomes import VideoOutcome
from components.video_example_gen.splits import EVAL, TRAIN, split_of, tally_videos
from data.spec import IngestSpec

REPORT_FILE = "ingest_report.json"

_REJECTIONS_IN_ERROR = 5


class NoUsableVideos(ValueError):
    """The data folder holds no video that gives a clip."""


def no_files(folder: str) -> NoUsableVideos:
    """The error for a folder without any file."""
    return NoUsableVideos(
        f"no files in {folder!r}: put videos there, at the top or in one sub-folder per class"
    )


def no_accepted_video(folder: str, outcomes: Sequence[VideoOutcome]) -> NoUsableVideos:
    """The error for a folder all of whose files were rejected."""
    shown = "; ".join(
        f"{display_path(outcome.video_id)}: {outcome.code}: {outcome.message}"
        for outcome in outcomes[:_REJECTIONS_IN_ERROR]
    )
    more = len(outcomes) - _REJECTIONS_IN_ERROR
    and_more = f"; and {more} more" if more > 0 else ""
    number = len(outcomes)
    return NoUsableVideos(
        f"no usable video in {folder!r}: {number} of {number} files rejected ({shown}{and_more}); add a video that "
        "plays and is long enough, or ask for fewer frames with num_frames, frame_stride or fps"
    )


def display_path(video_id: bytes) -> str:
    """A file's path as valid Unicode; bytes that are not UTF-8 show as backslash escapes."""
    return video_id.decode("utf-8", "backslashreplace")


def ingest_report(
    outcomes: Sequence[VideoOutcome], spec: IngestSpec, source: str, notes: Sequence[str] = ()
) -> dict[str, Any]:
    """The content of REPORT_FILE: the fate of every file of `source`, and the clips by split and label.

    `outcomes` in the order they shall be listed in; `notes` come before those found here.
    """
    accepted = [outcome for outcome in outcomes if outcome.accepted]
    splits = {split: _of_split(accepted, split, spec.eval_fraction) for split in (TRAIN, EVAL)}
    return {
        "source": source,
        "decoder": spec.decoder,
        "videos": {
            "found": len(outcomes),
            "accepted": len(accepted),
            "rejected": [_rejection(outcome) for outcome in outcomes if not outcome.accepted],
        },
        "clips": sum(outcome.clips for outcome in accepted),
        "splits": {
            split: {"videos": len(of_split), "clips": sum(outcome.clips for outcome in of_split)}
            for split, of_split in splits.items()
        },
        "labels": _clips_by_label(accepted),
        "notes": [*notes, *_split_notes(splits)],
    }


def write_report(report: dict[str, Any], folder: str) -> None:
    """Writes REPORT_FILE into `folder`, whole or not at all."""
    path = f"{folder}/{REPORT_FILE}"
    fileio.makedirs(folder)
    with fileio.open(path + ".part", "w") as file:
        file.write(json.dumps(report, indent=2) + "\n")
    fileio.rename(path + ".part", path, overwrite=True)


def _of_split(
    accepted: Sequence[VideoOutcome], split: str, eval_fraction: float
) -> list[VideoOutcome]:
    tally = tally_videos((outcome.video_id for outcome in accepted), eval_fraction)
    return [
        outcome for outcome in accepted if split_of(outcome.video_id, tally, eval_fraction) == split
    ]


def _rejection(outcome: VideoOutcome) -> dict[str, str]:
    return {
        "path": display_path(outcome.video_id),
        "code": outcome.code,
        "message": outcome.message,
    }


def _clips_by_label(outcomes: Sequence[VideoOutcome]) -> dict[str, int]:
    clips: Counter[str] = Counter()
    for outcome in outcomes:
        clips[display_path(outcome.label)] += outcome.clips
    return dict(sorted(clips.items()))


def _split_notes(splits: dict[str, list[VideoOutcome]]) -> list[str]:
    notes = []
    if not splits[EVAL]:
        notes.append(
            "only one video: no eval split, the model is judged against clips it was trained on"
        )
    trained = {outcome.label for outcome in splits[TRAIN]}
    for label in sorted({outcome.label for outcome in splits[EVAL]} - trained):
        notes.append(
            f"class {display_path(label)!r} has no video in the train split: the model never sees it"
        )
    return notes
