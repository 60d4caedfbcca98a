"""The verdict, its reason, what to do next, and the most important numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mocogan.components.report_gen.content import ReportContent
from mocogan.components.reports.quantities import amount, percentage, playing_time
from mocogan.components.video_evaluator.report import Check, EvaluationReport

PASSED, FAILED, NOT_JUDGED = "passed", "failed", "not judged"
MARKS = {PASSED: "good", FAILED: "bad", NOT_JUDGED: "open"}  # CSS classes
_BLESSED = (
    "No check failed, so the model may be published. "
    "A blessed model can still have faults: look at its clips."
)
_NOT_BLESSED = "At least one check failed, so the model is not published."
_PREFIXES = ("not blessed: ", "blessed: ")


class CheckRow(NamedTuple):
    """One check."""

    name: str
    word: str
    mark: str
    text: str


class Tile(NamedTuple):
    """A large number."""

    label: str
    value: str
    remark: str


class VerdictContent(NamedTuple):
    """The top of the page."""

    word: str
    mark: str
    reason: str
    meaning: str  # what the word means
    advice: Sequence[str]
    checks: Sequence[CheckRow]
    tiles: Sequence[Tile]


def verdict_content(content: ReportContent) -> VerdictContent:
    """The verdict, or that there is none."""
    tiles = _tiles(content)
    if content.evaluation is None:
        reason = "The model was not evaluated, or the evaluation has not ended."
        return VerdictContent("No verdict", "open", reason, "", (), (), tiles)
    verdict = content.evaluation.verdict
    rows = [_row(check) for check in verdict.checks]
    advice = [check.advice for check in verdict.checks if check.passed is False and check.advice]
    advice = list(dict.fromkeys(advice))
    reason = reason_text(content.evaluation)
    if verdict.blessed:
        return VerdictContent("Blessed", "good", reason, _BLESSED, (), rows, tiles)
    return VerdictContent("Not blessed", "bad", reason, _NOT_BLESSED, advice, rows, tiles)


def reason_text(report: EvaluationReport) -> str:
    """The reason of the verdict without the verdict and the advice, which stand beside it."""
    text = report.verdict.reason
    for prefix in _PREFIXES:
        text = text.removeprefix(prefix)
    for check in report.verdict.checks:
        if check.passed is False and check.advice:
            text = text.removesuffix(check.advice).rstrip()
    return text if text.endswith(".") else text + "."


def result_word(passed: bool | None) -> str:
    """The result of a check in words."""
    return {True: PASSED, False: FAILED, None: NOT_JUDGED}[passed]


def _row(check: Check) -> CheckRow:
    word = result_word(check.passed)
    return CheckRow(check.name, word, MARKS[word], check.text)


def _tiles(content: ReportContent) -> list[Tile]:
    tiles = []
    if content.evaluation is not None:
        checks = content.evaluation.verdict.checks
        judged = [check for check in checks if check.passed is not None]
        passed = sum(check.passed is True for check in judged)
        open_checks = len(checks) - len(judged)
        remark = f"{open_checks} not judged" if open_checks else "all were judged"
        tiles.append(Tile("Checks passed", f"{passed} of {len(judged)}", remark))
        tiles += _clip_tiles(content.evaluation)
    tiles += _training_tiles(content)
    return tiles


def _clip_tiles(report: EvaluationReport) -> list[Tile]:
    tiles = []
    protocol = report.protocol
    if protocol is not None:
        remark = f"and {amount(protocol.real_clips, 'real clip')}"
        tiles.append(Tile("Clips compared", f"{protocol.generated_clips:,}", remark))
        frames, height, width, _ = protocol.clip_shape
        size = f"{width} \N{MULTIPLICATION SIGN} {height}"
        tiles.append(Tile("Frame size", size, f"pixels, {amount(frames, 'frame')} a clip"))
    copies = report.metrics.get("memorization")
    if copies is not None and copies.value is not None:
        value = percentage(round(copies.value * 1e6), 10**6)
        tiles.append(Tile("Copies", value, "of the clips, of training clips"))
    return tiles


def _training_tiles(content: ReportContent) -> list[Tile]:
    summary = content.training.summary if content.training else None
    if summary is not None:
        time = playing_time(summary.seconds)
        return [
            Tile("Steps", f"{summary.steps:,}", f"doctor: {summary.verdict}"[:60]),
            Tile("Training time", time, f"on {summary.device}"[:60]),
        ]
    if content.training and content.training.history:
        step = content.training.history[-1].get("step", 0)
        return [Tile("Steps", f"{step:,}", "so far")]
    return []
