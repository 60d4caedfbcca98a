"""Which hyper-parameter to change against what the training doctor sees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

from pydantic import ValidationError

from mocogan.trainer.config import Augmentation, HyperParameters
from mocogan.trainer.diagnostics.symptoms import Ailment

Changes = dict[str, Any]
Remedy = Callable[[HyperParameters], Changes]  # no changes: it is taken already

_STRONGEST_PENALTY = 100.0
_SLOW = 1e-5  # a learning rate: below it, it is not the rate


def remedy(ailment: Ailment, hyperparameters: HyperParameters) -> str:
    """`try trainer.NAME=VALUE`: the first switch against it that these hyper-parameters do not have yet."""
    present = hyperparameters.model_dump()
    for candidate in _REMEDIES[ailment]:
        changes = candidate(hyperparameters)
        if changes and _fits(present | changes):
            texts = (f"trainer.{name}={_text(value)}" for name, value in changes.items())
            return f"try {' and '.join(texts)}"
    return "all switches against it are set: try more or other videos"


def _fits(values: Changes) -> bool:
    try:
        HyperParameters.model_validate(values)
    except ValidationError:  # excluded by another setting
        return False
    return True


def _text(value: Any) -> str:
    """As YAML and the command line take it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{','.join(value)}]"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _usual(name: str) -> Any:
    return HyperParameters.model_fields[name].default


def _set(name: str, value: Any) -> Remedy:
    return lambda given: {} if getattr(given, name) == value else {name: value}


def _at_least(name: str, value: float) -> Remedy:
    return lambda given: {name: value} if getattr(given, name) < value else {}


def _doubled(name: str, most: int) -> Remedy:
    def change(given: HyperParameters) -> Changes:
        double = 2 * getattr(given, name)
        return {name: double} if double <= most else {}

    return change


def _halved(name: str, least: float) -> Remedy:
    def change(given: HyperParameters) -> Changes:
        value = getattr(given, name)
        half = value // 2 if isinstance(value, int) else value / 2
        return {name: half} if half >= least else {}

    return change


def _penalties(given: HyperParameters) -> Changes:
    """Both penalties at least at their usual weight, and the norm that allows them."""
    weights = {name: _usual(name) for name in ("r1_weight", "r2_weight")}
    changes: Changes = {k: v for k, v in weights.items() if getattr(given, k) < v}
    if changes and given.discriminator_norm != "none":
        changes["discriminator_norm"] = "none"
    return changes


def _stronger_penalties(given: HyperParameters) -> Changes:
    weights = {"r1_weight": 2.0 * given.r1_weight, "r2_weight": 2.0 * given.r2_weight}
    return weights if 0 < max(weights.values()) <= _STRONGEST_PENALTY else {}


def _learning_rates(given: HyperParameters) -> Changes:
    """The generator as fast as the discriminators at least, and not at a standstill."""
    if given.generator_learning_rate < _SLOW:
        return {"generator_learning_rate": _usual("generator_learning_rate")}
    if given.discriminator_learning_rate > given.generator_learning_rate:
        return {"discriminator_learning_rate": given.generator_learning_rate}
    return {}


def _modulation(given: HyperParameters) -> Changes:
    """What stays the same, given a way of its own; the seed's networks have no place for it."""
    fits = given.architecture == "mocogan" and not given.content_modulation
    return {"content_modulation": _usual("content_modulation")} if fits else {}


def _augmentation(given: HyperParameters) -> Changes:
    return {} if given.diff_augment else {"diff_augment": get_args(Augmentation)}


def _slower(given: HyperParameters) -> Changes:
    """Both sides: one alone would change who wins."""
    names = ("generator_learning_rate", "discriminator_learning_rate")
    halves = {name: getattr(given, name) / 2 for name in names}
    return halves if min(halves.values()) >= _SLOW else {}


def _shorter_average(given: HyperParameters) -> Changes:
    """An average over a tenth of the steps."""
    shorter = round(1.0 - 10.0 * (1.0 - given.ema_decay), 6)
    return {"ema_decay": shorter} if shorter > 0 else {}


_RELATIVISTIC = _set("loss", "relativistic")
_NOISE = _at_least("instance_noise", 0.1)
_SLOWER_DISCRIMINATORS = _halved("discriminator_learning_rate", _SLOW)
_SPECTRAL_NORM = _set("spectral_norm", True)
_DIFFERENCES = _set("frame_difference", True)
_FLOAT32 = _set("mixed_precision", "float32")
_REMEDIES: dict[Ailment, tuple[Remedy, ...]] = {
    "saturation": (
        _learning_rates,
        _RELATIVISTIC,
        _penalties,
        _NOISE,
        _augmentation,
        _stronger_penalties,
        _SPECTRAL_NORM,
        _SLOWER_DISCRIMINATORS,
    ),
    "blank": (
        _learning_rates,
        _penalties,
        _RELATIVISTIC,
        _NOISE,
        _slower,
        _SLOWER_DISCRIMINATORS,
    ),
    "collapse": (
        _RELATIVISTIC,
        _penalties,
        _learning_rates,
        _NOISE,
        _augmentation,
        _doubled("batch_size", most=64),
        _slower,
    ),
    "frozen": (
        _set("architecture", "mocogan"),
        _RELATIVISTIC,
        _penalties,
        _DIFFERENCES,
        _at_least("dim_motion", 10),
        _SLOWER_DISCRIMINATORS,
    ),
    "flicker": (
        _at_least("ema_decay", 0.995),
        _RELATIVISTIC,
        _penalties,
        _DIFFERENCES,
        _modulation,
        _halved("dim_motion", 4),
        _slower,
    ),
    "memorised": (
        _augmentation,
        _NOISE,
        _halved("width", 8),
        _SLOWER_DISCRIMINATORS,
    ),
    "lagging": (_shorter_average,),
    "starving": (_FLOAT32, _slower),
    "exploding": (_penalties, _SPECTRAL_NORM, _FLOAT32, _SLOWER_DISCRIMINATORS),
}
