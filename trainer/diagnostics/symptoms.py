"""Detects problems in the metrics of an examination."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

Metrics = Mapping[str, float]
Ailment = Literal[
    "saturation",
    "blank",
    "collapse",
    "frozen",
    "flicker",
    "memorized",
    "lagging",
    "starving",
    "exploding",
]

# Tuned on small trainings of shape motion. From step 400 on, the default loss stayed clear of all limits: of most by a
# factor of two, of flicker by a third. The paper's loss with batch norm stayed beyond the first two from step 500 on.
_WON_APART, _WON_LOSS = 0.95, 0.05
_BALANCED_LOSS = 0.1
_BLANK_CONTRAST = 0.1
_COLLAPSED_DIVERSITY = 0.15
_FROZEN_MOTION = 0.1
_MORE_TAKEN_BACK = 0.3  # above real clips; independent frames have a flicker of 0.5
_COPIED_DISTANCE = 0.15
_LAG = 3.0
_STARVING_NORM = (
    1e-6  # over 10,000 weights or more, a weight's share is below Adam's epsilon of 1e-8
)
_EXPLODING_NORM = 1e3  # healthy trainings had norms up to 60
_BLACK, _WHITE = 12.75, 242.25  # gray levels
_SIDES = ("image", "video")


class Symptom(NamedTuple):
    """A problem and its description, without a remedy."""

    ailment: Ailment
    text: str


def symptoms(metrics: Metrics) -> list[Symptom]:
    """Return the symptoms in the metrics of `Examination`, most important first. Missing metrics are ignored."""
    seen = [symptom for look in _LOOKS if (symptom := look(metrics))]
    hidden = {ailment for symptom in seen for ailment in _HIDES.get(symptom.ailment, ())}
    return [symptom for symptom in seen if symptom.ailment not in hidden]


def balanced(metrics: Metrics) -> bool:
    """Return whether every discriminator still makes mistakes, so that the generator can learn from it."""
    left = [metrics[f"{side}_loss_ratio"] for side in _SIDES if f"{side}_loss_ratio" in metrics]
    return bool(left) and min(left) >= _BALANCED_LOSS


def _saturation(metrics: Metrics) -> Symptom | None:
    for side in _SIDES:
        apart, left = metrics.get(f"{side}_roc_auc", 0.5), metrics.get(f"{side}_loss_ratio", 1.0)
        if apart >= _WON_APART and left <= _WON_LOSS:
            gap = metrics.get(f"{side}_logit_gap", 0.0)
            return Symptom(
                "saturation",
                f"the {side} discriminator has won: ROC AUC {apart:.2f}, logit gap {gap:.1f}, its loss is {left:.1%} "
                "of the loss of a random guess",
            )
    return None


def _blank(metrics: Metrics) -> Symptom | None:
    contrast = metrics.get("contrast_ratio", 1.0)
    if contrast > _BLANK_CONTRAST:
        return None
    brightness = metrics.get("brightness_generated", 127.5)
    color = "black" if brightness < _BLACK else "white" if brightness > _WHITE else "of one color"
    return Symptom("blank", f"samples are {color}: contrast is {contrast:.2g}x that of real clips")


def _collapse(metrics: Metrics) -> Symptom | None:
    diversity = metrics.get("diversity_ratio", 1.0)
    if diversity > _COLLAPSED_DIVERSITY:
        return None
    return Symptom(
        "collapse",
        f"mode collapse is likely: distance between samples is {diversity:.2g}x that of real clips",
    )


def _frozen(metrics: Metrics) -> Symptom | None:
    motion = metrics.get("rms_motion_ratio", 1.0)
    if motion > _FROZEN_MOTION:
        return None
    return Symptom(
        "frozen", f"motion is frozen: change between frames is {motion:.2g}x that of real clips"
    )


def _flicker(metrics: Metrics) -> Symptom | None:
    real, fake = metrics.get("flicker_real", 1.0), metrics.get("flicker_generated", -1.0)
    if fake < real + _MORE_TAKEN_BACK:
        return None
    return Symptom(
        "flicker",
        f"samples flicker: each frame undoes {fake:.2f} of the last change, real frames {real:.2f}",
    )


def _memorized(metrics: Metrics) -> Symptom | None:
    nearest = metrics.get("nearest_ratio", 1.0)
    if nearest > _COPIED_DISTANCE:
        return None
    return Symptom(
        "memorized",
        "clips of the batch are memorized: distance to the nearest real clip is "
        f"{nearest:.2g}x that between real clips",
    )


def _lagging(metrics: Metrics) -> Symptom | None:
    for name, limit in (("contrast", _BLANK_CONTRAST), ("diversity", _COLLAPSED_DIVERSITY)):
        averaged = metrics.get(f"{name}_ratio", 1.0)
        unaveraged = metrics.get(f"unaveraged_{name}_ratio", 0.0)
        if averaged <= limit and unaveraged >= _LAG * limit:
            return Symptom(
                "lagging",
                f"the EMA generator lags behind: {name} is {averaged:.2g}x that of real clips, {unaveraged:.2g}x "
                "without averaging",
            )
    return None


def _starving(metrics: Metrics) -> Symptom | None:
    norm = metrics.get("generator_gradient", 1.0)
    if norm > _STARVING_NORM:
        return None
    return Symptom("starving", f"the generator gets no gradient: typical norm {norm:.2g}")


def _exploding(metrics: Metrics) -> Symptom | None:
    for side in ("generator", "discriminator"):
        norm = metrics.get(f"{side}_gradient", 0.0)
        if norm >= _EXPLODING_NORM:
            return Symptom("exploding", f"{side} gradients explode: typical norm {norm:.2g}")
    return None


_LOOKS: tuple[Callable[[Metrics], Symptom | None], ...] = (
    _exploding,
    _starving,
    _saturation,
    _lagging,
    _blank,
    _collapse,
    _frozen,
    _flicker,
    _memorized,
)
# Problems that follow from another one and are not reported with it.
_HIDES: dict[Ailment, tuple[Ailment, ...]] = {
    "lagging": ("blank", "collapse", "frozen"),
    "blank": ("collapse", "frozen", "flicker", "memorized"),
}
