"""What the metrics of an examination are symptoms of."""

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

# Set on small trainings of shape motion. The default loss stayed clear of all from step 400 on, by a factor of two of
# most, of flicker by a third; the paper's loss with batch norm crossed the first two at step 500 and stayed there.
_WON_APART, _WON_LOSS = 0.95, 0.05
_BALANCED_LOSS = 0.1
_BLANK_CONTRAST = 0.1
_COLLAPSED_DIVERSITY = 0.15
_FROZEN_MOTION = 0.1
_MORE_TAKEN_BACK = 0.3  # frames that know nothing of each other take back 0.5
_COPIED_DISTANCE = 0.15
_LAG = 3.0
_STARVING_NORM = 1e-6  # spread over some 10,000 weights or more, it is below Adam's epsilon of 1e-8
_EXPLODING_NORM = 1e3  # norms up to 60 were seen
_BLACK, _WHITE = 12.75, 242.25  # gray levels
_SIDES = ("image", "video")


class Symptom(NamedTuple):
    """What was seen, in words, without what to do about it."""

    ailment: Ailment
    text: str


def symptoms(metrics: Metrics) -> list[Symptom]:
    """Metrics of `Examination` -> what they show, the most telling first. A metric that is missing shows nothing."""
    seen = [symptom for look in _LOOKS if (symptom := look(metrics))]
    hidden = {ailment for symptom in seen for ailment in _HIDES.get(symptom.ailment, ())}
    return [symptom for symptom in seen if symptom.ailment not in hidden]


def balanced(metrics: Metrics) -> bool:
    """Whether no discriminator is sure of itself: the generator still learns from each."""
    left = [metrics[f"{side}_loss_ratio"] for side in _SIDES if f"{side}_loss_ratio" in metrics]
    return bool(left) and min(left) >= _BALANCED_LOSS


def _saturation(metrics: Metrics) -> Symptom | None:
    for side in _SIDES:
        apart, left = metrics.get(f"{side}_roc_auc", 0.5), metrics.get(f"{side}_loss_ratio", 1.0)
        if apart >= _WON_APART and left <= _WON_LOSS:
            gap = metrics.get(f"{side}_logit_gap", 0.0)
            return Symptom(
                "saturation",
                f"the {side} discriminator has won: it tells {apart:.0%} of real and fake apart, logit gap "
                f"{gap:.1f}, its loss {left:.1%} of a guess's",
            )
    return None


def _blank(metrics: Metrics) -> Symptom | None:
    contrast = metrics.get("contrast_ratio", 1.0)
    if contrast > _BLANK_CONTRAST:
        return None
    brightness = metrics.get("brightness_generated", 127.5)
    color = "black" if brightness < _BLACK else "white" if brightness > _WHITE else "of one color"
    return Symptom("blank", f"samples are {color}: contrast {contrast:.2g} of real")


def _collapse(metrics: Metrics) -> Symptom | None:
    diversity = metrics.get("diversity_ratio", 1.0)
    if diversity > _COLLAPSED_DIVERSITY:
        return None
    return Symptom(
        "collapse", f"mode collapse likely: pairwise sample distance {diversity:.2g} of real"
    )


def _frozen(metrics: Metrics) -> Symptom | None:
    motion = metrics.get("rms_motion_ratio", 1.0)
    if motion > _FROZEN_MOTION:
        return None
    return Symptom("frozen", f"motion is frozen: change between frames {motion:.2g} of real")


def _flicker(metrics: Metrics) -> Symptom | None:
    real, fake = metrics.get("flicker_real", 1.0), metrics.get("flicker_generated", -1.0)
    if fake < real + _MORE_TAKEN_BACK:
        return None
    return Symptom(
        "flicker", f"samples flicker: frames take back {fake:.2f} of a change, real ones {real:.2f}"
    )


def _memorized(metrics: Metrics) -> Symptom | None:
    nearest = metrics.get("nearest_ratio", 1.0)
    if nearest > _COPIED_DISTANCE:
        return None
    return Symptom(
        "memorized",
        f"clips of the batch are memorized: nearest real clip at {nearest:.2g} of the distance between real clips",
    )


def _lagging(metrics: Metrics) -> Symptom | None:
    for name, limit in (("contrast", _BLANK_CONTRAST), ("diversity", _COLLAPSED_DIVERSITY)):
        averaged = metrics.get(f"{name}_ratio", 1.0)
        unaveraged = metrics.get(f"unaveraged_{name}_ratio", 0.0)
        if averaged <= limit and unaveraged >= _LAG * limit:
            return Symptom(
                "lagging",
                f"the average lags behind its generator: {name} {averaged:.2g} of real, {unaveraged:.2g} without it",
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
# What goes without saying where the one before is seen.
_HIDES: dict[Ailment, tuple[Ailment, ...]] = {
    "lagging": ("blank", "collapse", "frozen"),
    "blank": ("collapse", "frozen", "flicker", "memorized"),
}
