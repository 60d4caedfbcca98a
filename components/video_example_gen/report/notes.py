"""Notes on a data set that the user should read before training."""

from __future__ import annotations

from mocogan.components.reports.readable_text import display_path
from mocogan.components.video_example_gen.outcomes import MOTION_EDGES
from mocogan.components.video_example_gen.report.statistics import IngestStatistics
from mocogan.data.decoding.video_facts import Assumption
from mocogan.data.records.keys import EVAL, TRAIN

_MAX_STATIC_RATIO = 0.1
_MAX_CLASS_RATIO = 10
_MAX_NAMED_CLASSES = 10
_ASSUMPTIONS: dict[Assumption, str] = {
    "pixel_aspect": "the pixels are not square. Frames are drawn in the shape that players show",
    "orientation": "frames are turned or mirrored as the metadata of the file says",
    "hdr": "HDR is tone-mapped to SDR. ingest.hdr=reject leaves such videos out",
    "video_stream": "the file has several video streams. The one that players choose is read. "
    "ingest.video_stream chooses another",
    "joined": "the file is joined from several recordings. They follow one another, and no clip spans a joint",
    "counters": "the packet counters restart, but the clock does not. This counts as one recording, "
    "so clips can span these places",
}


def notes_on(statistics: IngestStatistics) -> list[str]:
    """Notes on problems with the splits, the classes, static clips and duplicates, and on what was assumed."""
    return [
        *_split_notes(statistics),
        *_class_notes(statistics),
        *_static_notes(statistics),
        *_unlike_notes(statistics),
        *_duplicate_notes(statistics),
        *_taken_over_notes(statistics),
        *_assumption_notes(statistics),
    ]


def _split_notes(statistics: IngestStatistics) -> list[str]:
    notes = []
    if statistics.accepted and not statistics.videos[EVAL]:
        notes.append(
            "only one video: the eval split is empty, so the evaluation says little"
            if statistics.accepted == 1
            else "no video is held out: the eval split is empty, so the evaluation says little"
        )
    unseen = sorted(set(statistics.videos_by_label[EVAL]) - set(statistics.videos_by_label[TRAIN]))
    for label in unseen[:_MAX_NAMED_CLASSES]:
        notes.append(
            f"{_class(label)} has no video in the train split, so the model cannot learn it"
        )
    if len(unseen) > _MAX_NAMED_CLASSES:
        notes.append(
            f"{len(unseen) - _MAX_NAMED_CLASSES} more classes have no video in the train split"
        )
    return notes


def _class_notes(statistics: IngestStatistics) -> list[str]:
    by_clips = sorted((number, label) for label, number in statistics.clips_by_label.items())
    if not by_clips:
        return []
    (fewest, smallest), (most, largest) = by_clips[0], by_clips[-1]
    if most <= _MAX_CLASS_RATIO * fewest:
        return []
    return [
        f"the classes differ much in size: {_class(largest)} has {_clips(most)} and {_class(smallest)} has "
        f"{_clips(fewest)}. The model rarely sees the small classes"
    ]


def _static_notes(statistics: IngestStatistics) -> list[str]:
    static, clips = statistics.static_clips, sum(statistics.clips.values())
    if static <= _MAX_STATIC_RATIO * clips:
        return []
    return [
        f"{static} of {clips} clips are static: neighboring frames differ by less than "
        f"{MOTION_EDGES[0]:g} gray levels on average. The model learns still videos from them"
    ]


def _unlike_notes(statistics: IngestStatistics) -> list[str]:
    """Notes images that were taken for one film and perhaps belong to none."""
    number = statistics.num_unlike_frames
    if not number:
        return []
    shown = ", ".join(repr(display_path(name)) for name in statistics.unlike_frames)
    videos = "1 video" if number == 1 else f"{number} videos"
    return [
        f"the images of {videos} have little in common, such as {shown}. If they are photos and not the "
        "frames of a film, remove them"
    ]


def _duplicate_notes(statistics: IngestStatistics) -> list[str]:
    number = statistics.rejected_by_code["duplicate"]
    if not number:
        return []
    files = (
        "1 file is a byte-for-byte copy of another and was"
        if number == 1
        else f"{number} files are byte-for-byte copies of others and were"
    )
    return [f"{files} left out"]


def _taken_over_notes(statistics: IngestStatistics) -> list[str]:
    if not statistics.taken_over:
        return []
    return [
        f"{statistics.taken_over} of {statistics.taken_over + statistics.decoded} videos were taken over from an "
        f"earlier ingest, and {statistics.decoded} decoded"
    ]


def _assumption_notes(statistics: IngestStatistics) -> list[str]:
    counts = statistics.assumptions
    return [
        f"{'1 video' if counts[name] == 1 else f'{counts[name]} videos'}: {sentence}"
        for name, sentence in _ASSUMPTIONS.items()
        if counts[name]
    ]


def _class(label: bytes) -> str:
    return f"class {display_path(label)!r}" if label else "the unnamed class"


def _clips(number: int) -> str:
    return "1 clip" if number == 1 else f"{number} clips"
