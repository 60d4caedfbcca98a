"""The course of the training: samples of the same latents, and curves."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from mocogan.components.report_gen.clip_images import ClipImages, ClipPicture
from mocogan.components.report_gen.content import SampledStep, Training
from mocogan.components.reports.line_chart import LineChart, Points, line_chart

_MAX_STEPS = 8
_MAX_LATENTS = 4
_STEP = "step"
_LOSSES = "losses/"
# Names of metrics, below any prefix.
_DISTANCE = "sample_distance"
_ROC_AUCS = {"image_roc_auc": "image discriminator", "video_roc_auc": "video discriminator"}
_SUMS = ("d_loss", "g_loss")  # sums of the other losses
_NAMES = {"d": "discriminator", "g": "generator"}


class Progress(NamedTuple):
    """Clips of the same latents in the course of the training."""

    steps: Sequence[str]
    rows: Sequence[tuple[str, Sequence[ClipPicture]]]
    speed: str
    hidden: int  # steps that are not shown


def progress(training: Training, images: ClipImages) -> Progress | None:
    """Up to 8 steps, evenly chosen, of up to 4 latents. None: there are no samples."""
    samples = [sampled for sampled in training.samples if len(sampled.clips)]
    if not samples or not images.rendering.max_clips:
        return None
    latents = min(_MAX_LATENTS, *(len(sampled.clips) for sampled in samples))
    number = min(_MAX_STEPS, max(2, images.rendering.max_clips // latents))
    chosen = evenly(samples, number)
    rows = [
        (
            f"latents {latent + 1}",
            [
                images.clip(
                    sampled.clips[latent],
                    training.fps,
                    f"Latents {latent + 1} after {sampled.step:,} steps",
                )
                for sampled in chosen
            ],
        )
        for latent in range(latents)
    ]
    names = [f"{sampled.step:,}" for sampled in chosen]
    return Progress(names, rows, images.speed(training.fps), len(samples) - len(chosen))


def evenly(samples: Sequence[SampledStep], number: int) -> list[SampledStep]:
    """At most `number` of the samples, always the first and the last one."""
    places = np.linspace(0, len(samples) - 1, min(number, len(samples)))
    return [samples[round(place)] for place in places.tolist()]


def distance_chart(training: Training) -> LineChart | None:
    """The distance of samples from real clips over the steps. None: it was not measured."""
    return line_chart(
        "Distance from real clips",
        "The trainer measures it at each checkpoint on few clips; lower is better.",
        _STEP,
        [("sample distance", _changes(_curve(training.history, _DISTANCE)))],
    )


def training_charts(training: Training) -> list[LineChart]:
    """Charts of the losses and of what the discriminators tell apart. Empty without a history."""
    history = training.history
    keys = _keys(history)
    losses = [key for key in keys if key.startswith(_LOSSES)]
    parts = [key for key in losses if key.removeprefix(_LOSSES) not in _SUMS] or losses
    charts = [
        line_chart(
            "Losses",
            "Losses of a GAN do not fall. Steady curves are a good sign.",
            _STEP,
            [(_loss_name(key), _curve(history, key)) for key in parts[:6]],
        ),
        line_chart(
            "What the discriminators tell apart",
            "ROC AUC: 0.5 is a guess, 1 tells every real clip from a generated one.",
            _STEP,
            [(name, _curve(history, key)) for key, name in _ROC_AUCS.items()],
        ),
    ]
    return [chart for chart in charts if chart is not None]


def _keys(history: Sequence[Mapping[str, Any]]) -> list[str]:
    """All keys. The first and the last line have them all."""
    return list(dict.fromkeys(key for line in (*history[:1], *history[-1:]) for key in line))


def _curve(history: Sequence[Mapping[str, Any]], key: str) -> Points:
    """Points of the metric `key`, which may stand below a prefix."""
    return list(_points(history, key))


def _points(history: Sequence[Mapping[str, Any]], key: str) -> Iterator[tuple[float, float]]:
    names = [name for name in _keys(history) if name == key or name.endswith("/" + key)]
    for line in history if names else ():
        value = line.get(names[0])
        step = line.get(_STEP)
        if (
            isinstance(value, int | float)
            and isinstance(step, int | float)
            and math.isfinite(value)
        ):
            yield step, value


def _changes(points: Points) -> Points:
    """The points where the value changes, and the last one. Logs repeat a value until the next measurement."""
    return [
        point
        for number, point in enumerate(points)
        if number in (0, len(points) - 1) or point[1] != points[number - 1][1]
    ]


def _loss_name(key: str) -> str:
    """ "losses/video_d_loss" -> "video discriminator"."""
    words = key.removeprefix(_LOSSES).removesuffix("_loss").split("_")
    return " ".join(_NAMES.get(word, word) for word in words)
