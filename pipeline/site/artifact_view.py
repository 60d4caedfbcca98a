"""What a page shows of an artifact: facts, pages and moving pictures in it, and the command for a model."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from mocogan.components.reports.readable_text import shortened
from mocogan.components.video_evaluator.report import REPORT_FILE
from mocogan.pipeline.metadata.runs import Output
from mocogan.pipeline.site.contents import Contents
from mocogan.pipeline.site.files import SiteFiles
from mocogan.trainer.contract import SAMPLES_FOLDER

# Files of other components. They are not imported, because TFX takes seconds to load.
_PAGES = {
    "mocogan.IngestReport": (
        ("ingest_report.html", "ingest report"),
        ("ingest_report.json", "as JSON"),
    ),
    "mocogan.ModelReport": (("report.html", "evaluation report"), ("model_card.md", "model card")),
    "ModelEvaluation": ((REPORT_FILE, "all metrics as JSON"),),
    "ModelRun": (
        ("training_summary.json", "training summary"),
        ("metrics.jsonl", "metrics by step"),
    ),
}
_GALLERIES = "galleries"  # in the folder of an evaluation
_OLD_GRIDS = {
    "generated": "grid.gif",
    "real": "real_grid.gif",
    "nearest": "nearest_training_clips.gif",
}
_TITLES = {
    "generated": "Generated clips",
    "real": "Real clips",
    "baseline": "Clips of the baseline, same seeds",
    "nearest": "Nearest training clips",
    "worst": "Worst generated clips",
    "uncovered": "Real clips that are not reached",
    "matrix": "Content in rows, motion in columns",
    "classes": "Classes in rows",
    "captions": "Captions in rows",
    "words": "One word of a caption changes",
    "content_steps": "Content changes step by step",
    "motion_steps": "Motion changes step by step",
    "long": "Longer clips",
}
_FIRST = ("generated", "real")  # shown at once
_ANIMATIONS = (".webp", ".gif")  # the first one that exists is shown
_LONG_VALUE = 120  # characters


class Link(NamedTuple):
    """A link of a page. `href` is relative to the folder of the site."""

    text: str
    href: str


class Clip(NamedTuple):
    """A moving picture and its first frame. Addresses are relative to the folder of the site."""

    name: str
    title: str
    moving: str
    still: str | None


class ArtifactView(NamedTuple):
    """What pages show of an artifact."""

    id: int
    type: str
    path: str
    folder: str | None  # address
    gone: bool
    deleted: bool
    facts: Sequence[tuple[str, str]]
    long_facts: Sequence[tuple[str, str]]
    links: Sequence[Link]
    clips: Sequence[Clip]  # shown at once
    more_clips: Sequence[Clip]
    command: str | None  # for a model


class ArtifactViews:
    """Collects what pages show of artifacts, once for each artifact.

    Args:
        contents: All runs and artifacts.
        files: Makes addresses of files.
    """

    def __init__(self, contents: Contents, files: SiteFiles) -> None:
        self.contents, self.files = contents, files
        self._known: dict[int, ArtifactView] = {}

    def __getitem__(self, artifact_id: int) -> ArtifactView:
        if artifact_id not in self._known:
            self._known[artifact_id] = self._view(self.contents.artifacts[artifact_id])
        return self._known[artifact_id]

    def _view(self, artifact: Output) -> ArtifactView:
        clips = artifact_clips(self.files, artifact)
        texts = [(key, _text(value)) for key, value in artifact.properties.items()]
        return ArtifactView(
            id=artifact.id,
            type=artifact.type.rpartition(".")[2],
            path=artifact.uri.removeprefix(f"{self.contents.out}/"),
            folder=self.files.folder_link(artifact.uri),
            gone=artifact.id in self.contents.gone,
            deleted=not artifact.live,
            facts=[(key, text) for key, text in texts if len(text) <= _LONG_VALUE],
            long_facts=[(key, text) for key, text in texts if len(text) > _LONG_VALUE],
            links=_links(self.files, artifact),
            clips=[clip for clip in clips if clip.still],
            more_clips=[clip for clip in clips if not clip.still],
            command=_command(artifact),
        )


def artifact_clips(files: SiteFiles, artifact: Output) -> list[Clip]:
    """The moving pictures in an artifact: galleries of an evaluation, or the last samples of a training."""
    if artifact.type == "ModelEvaluation":
        found = _galleries(artifact.uri)
    elif artifact.type == "ModelRun":
        samples = sorted(Path(artifact.uri, SAMPLES_FOLDER).glob("step-*.gif"))
        found = [(path.stem, path) for path in samples[-1:]]
    else:
        return []
    return [clip for name, path in found if (clip := clip_of(files, name, path))]


def clip_of(files: SiteFiles, name: str, path: Path) -> Clip | None:
    """The moving picture in a file, with its first frame. None: it cannot be shown."""
    moving = files.link(path)
    if moving is None:
        return None
    is_first = name in _FIRST or name not in _TITLES
    title = _TITLES.get(name) or f"Samples of step {int(name.rpartition('-')[2]):,}"
    return Clip(name, title, moving, files.still(path) if is_first else None)


@cache
def evaluation_protocol(folder: str) -> dict[str, Any]:
    """The protocol of the evaluation in a folder. Empty: it is gone or damaged."""
    try:
        values = json.loads(Path(folder, REPORT_FILE).read_text(encoding="utf-8"))["protocol"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return values if isinstance(values, dict) else {}


def _galleries(folder: str) -> list[tuple[str, Path]]:
    """The galleries in the folder of an evaluation, in the order of _TITLES, and a file of each."""
    place = Path(folder, _GALLERIES)
    try:
        names = set(os.listdir(place))
    except OSError:  # of an older version, or gone
        grids = ((name, Path(folder, grid)) for name, grid in _OLD_GRIDS.items())
        return [(name, path) for name, path in grids if path.is_file()]
    files = ((n, next((e for e in _ANIMATIONS if n + e in names), None)) for n in _TITLES)
    return [(name, place / f"{name}{extension}") for name, extension in files if extension]


def _links(files: SiteFiles, artifact: Output) -> list[Link]:
    pages = _PAGES.get(artifact.type, ())
    found = ((text, files.link(Path(artifact.uri, name))) for name, text in pages)
    return [Link(text, href) for text, href in found if href]


def _command(artifact: Output) -> str | None:
    """The command that draws clips with a model."""
    pushed = artifact.properties.get("pushed_destination")
    if artifact.type == "PushedModel" and pushed:
        return f"mocogan generate {shlex.quote(str(pushed))}"
    if artifact.type == "Model":
        return f"mocogan generate {shlex.quote(f'{artifact.uri}/Format-Serving')}"
    return None


def _text(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else shortened(str(value), 4000)
