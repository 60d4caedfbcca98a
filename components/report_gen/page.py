"""The report as one HTML page."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from mocogan.components.report_gen.clip_images import RENDERINGS, ClipImages, TooLarge
from mocogan.components.report_gen.content import ReportContent
from mocogan.components.report_gen.sections.clip_tables import (
    ClipPairs,
    ClipRow,
    ClipTable,
    clip_pairs,
    clip_row,
    clip_table,
)
from mocogan.components.report_gen.sections.confusion import classes
from mocogan.components.report_gen.sections.coverage import coverage
from mocogan.components.report_gen.sections.limits import limits
from mocogan.components.report_gen.sections.lineage import lineage
from mocogan.components.report_gen.sections.metric_rows import (
    comparisons,
    metric_table,
    protocols,
)
from mocogan.components.report_gen.sections.slices import slices
from mocogan.components.report_gen.sections.training_charts import (
    distance_chart,
    progress,
    training_charts,
)
from mocogan.components.report_gen.sections.verdict import verdict_content
from mocogan.components.reports.page import render_page
from mocogan.components.video_evaluator.galleries import names

_TEMPLATES = Path(__file__).with_name("templates")
MAX_BYTES = 5_000_000  # of a page
_TEXT_BYTES = 400_000  # of them, for all but the images
_RANDOM_CLIPS = 12
_PAIRS = 8
_WORST = 8
_ROWS = 6
_CLASS_ROWS = 12
_CAPTION_ROWS = 8
_STEP_ROWS = 3
_LONG = 4


class Section(NamedTuple):
    """A section of the page. `templates/report_sections.html` has a macro `id` that lays `content` out."""

    id: str
    title: str
    content: Any


def render_report(content: ReportContent) -> str:
    """Renders a report as an HTML document of at most 5 MB that needs no other file.

    If the clips are too large, they are shown with loss, then smaller, then fewer. The page says so.
    """
    page = ""
    for rendering in RENDERINGS:
        images = ClipImages(rendering, MAX_BYTES - _TEXT_BYTES)
        try:
            page = _render(content, images)
        except TooLarge:
            continue
        if len(page.encode()) <= MAX_BYTES:
            break
    return page


def _render(content: ReportContent, images: ClipImages) -> str:
    sections = [section for section in _sections(content, images) if section.content]
    return render_page(
        _TEMPLATES,
        "report.html",
        title=content.title,
        state=content.state,
        verdict=verdict_content(content),
        sections=sections,
        rendering=images.rendering,
        shrunk=images.shrunk,
        has_clips=bool(content.galleries or (content.training and content.training.samples)),
    )


def _sections(content: ReportContent, images: ClipImages) -> list[Section]:
    """All sections in the order of the page. Those without content are left out later."""
    return [
        *_evaluation_sections(content, images),
        *_training_sections(content, images),
        Section("lineage", "Where the model comes from", lineage(content)),
        Section("limits", "What this report cannot tell", limits(content)),
    ]


def _evaluation_sections(content: ReportContent, images: ClipImages) -> list[Section]:
    galleries, report = content.galleries, content.evaluation
    return [
        Section("clips", "Generated and real clips", _clips(content, images)),
        Section("metrics", "Metrics", metric_table(report) if report else None),
        Section("protocol", "Protocol", _protocol(content)),
        Section("baseline", "Candidate and baseline", _baseline(content, images)),
        Section("matrix", "Content and motion", _matrix(content, images)),
        Section("classes", "Classes", _classes(content, images)),
        Section("captions", "Captions", _captions(content, images)),
        Section("nearest", "Nearest training clips", _nearest(content, images)),
        Section("slices", "Slices through time", slices(galleries, images)),
        Section("coverage", "Variety", _coverage(content, images)),
    ]


def _training_sections(content: ReportContent, images: ClipImages) -> list[Section]:
    galleries, training = content.galleries, content.training
    course = None
    curves = None
    if training:
        samples, distance = progress(training, images), distance_chart(training)
        course = {"samples": samples, "distance": distance} if samples or distance else None
        charts = training_charts(training)
        verdict = training.summary.verdict if training.summary else ""
        curves = {"charts": charts, "verdict": verdict} if charts or verdict else None
    long = clip_row(galleries, names.LONG, "Longer clips", images, _LONG)
    frames = galleries[names.LONG].clips.shape[1] if long else 0
    return [
        Section("course", "The same latents through the training", course),
        Section(
            "interpolation", "Interpolation of content and motion", _interpolations(content, images)
        ),
        Section("long", f"{frames} frames", long),
        Section("curves", "Loss curves and the training doctor", curves),
    ]


def _interpolations(content: ReportContent, images: ClipImages) -> list[tuple[ClipTable, str, str]]:
    """Tables, with what changes and what stays in their rows."""
    return [
        (table, changes, stays)
        for name, changes, stays in (
            (names.CONTENT_STEPS, "content", "motion"),
            (names.MOTION_STEPS, "motion", "content"),
        )
        if (
            table := clip_table(
                content.galleries,
                name,
                f"From {changes} to {changes}",
                images,
                (stays, "step"),
                _STEP_ROWS,
            )
        )
    ]


def _clips(content: ReportContent, images: ClipImages) -> dict[str, Any] | None:
    galleries = content.galleries
    pairs: ClipPairs | ClipRow | None = clip_pairs(
        galleries, (names.GENERATED, names.REAL), ("Generated", "Real"), images, _RANDOM_CLIPS
    )
    row = None
    if pairs is None:
        row = clip_row(galleries, names.GENERATED, "Generated", images, _RANDOM_CLIPS)
    worst = clip_row(galleries, names.WORST, "Worst generated", images, _WORST)
    protocol = content.evaluation.protocol if content.evaluation else None
    found = {"pairs": pairs, "row": row, "worst": worst, "protocol": protocol}
    return found if pairs or row or worst else None


def _protocol(content: ReportContent) -> dict[str, Any] | None:
    report = content.evaluation
    if report is None or report.protocol is None:
        return None
    return {"facts": report.protocol, "metrics": protocols(report.metrics)}


def _baseline(content: ReportContent, images: ClipImages) -> dict[str, Any] | None:
    """The comparison, or the reason why there is none."""
    report = content.evaluation
    if report is None:
        return None
    check = next((c.text for c in report.verdict.checks if c.name == names.BASELINE), "")
    titles = ("Candidate", "Baseline")
    pairs = clip_pairs(content.galleries, (names.GENERATED, names.BASELINE), titles, images, _PAIRS)
    rows = comparisons(report)
    found = {"check": check, "pairs": pairs, "rows": rows}
    return found if check or pairs or rows else None


def _classes(content: ReportContent, images: ClipImages) -> dict[str, Any] | None:
    table = clip_table(
        content.galleries, names.CLASSES, "Classes", images, ("class", "seed"), _CLASS_ROWS
    )
    found = classes(content.evaluation) if content.evaluation else None
    return {"table": table, "found": found} if table or found else None


def _captions(content: ReportContent, images: ClipImages) -> list[tuple[ClipTable, str]]:
    """Tables, with what their rows are."""
    return [
        (table, rows)
        for name, title, rows in (
            (names.CAPTIONS, "Captions of training clips", "Each row is a caption."),
            (
                names.WORDS,
                "One word changes",
                "Each row differs from the first one in one word. Only what the word says should change.",
            ),
        )
        if (
            table := clip_table(
                content.galleries, name, title, images, ("caption", "seed"), _CAPTION_ROWS
            )
        )
    ]


def _matrix(content: ReportContent, images: ClipImages) -> ClipTable | None:
    words = ("content", "motion")
    return clip_table(content.galleries, names.MATRIX, "Matrix", images, words, _ROWS)


def _nearest(content: ReportContent, images: ClipImages) -> dict[str, Any] | None:
    titles = ("Generated", "Nearest in training")
    pairs = clip_pairs(content.galleries, (names.GENERATED, names.NEAREST), titles, images, _PAIRS)
    report = content.evaluation
    copies = report.metrics.get("memorization") if report else None
    return {"pairs": pairs, "copies": copies} if pairs else None


def _coverage(content: ReportContent, images: ClipImages) -> dict[str, Any] | None:
    uncovered = clip_row(
        content.galleries, names.UNCOVERED, "Real clips that are not reached", images, _WORST
    )
    found = coverage(content.evaluation) if content.evaluation else None
    return {"found": found, "uncovered": uncovered} if found or uncovered else None
