"""Options to change for each problem that the training doctor finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_args

from pydantic import ValidationError

from mocogan.trainer.config import ARCHITECTURE_DEFAULTS, Augmentation, TrainerConfig
from mocogan.trainer.diagnostics.symptoms import Ailment

Changes = dict[str, Any]  # "section.option" -> value; empty if the remedy does not apply
Remedy = Callable[[TrainerConfig], Changes]

_MAX_GAMMA = 100.0
_MIN_LEARNING_RATE = 1e-5  # no remedy sets a lower rate, and lower generator rates are reset
_GENERATOR_RATE = "optimizer.generator_learning_rate"
_DISCRIMINATOR_RATE = "optimizer.discriminator_learning_rate"


def remedy(ailment: Ailment, config: TrainerConfig) -> str:
    """Return `try trainer.SECTION.OPTION=VALUE` with the first remedy that this configuration does not have yet."""
    for candidate in _REMEDIES[ailment]:
        changes = candidate(config)
        if changes and _is_valid(config, changes):
            texts = (f"trainer.{name}={_text(value)}" for name, value in changes.items())
            return f"try {' and '.join(texts)}"
    return "all options that may help are already set: try more videos or different videos"


def _is_valid(config: TrainerConfig, changes: Mapping[str, Any]) -> bool:
    values = config.model_dump()
    for key, value in changes.items():
        section, name = key.split(".")
        values[section][name] = value
    try:
        TrainerConfig.model_validate(values)
    except ValidationError:  # conflicts with another option or the architecture
        return False
    return True


def _text(value: Any) -> str:
    """Format a value for YAML and the command line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{','.join(value)}]"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _get(config: TrainerConfig, key: str) -> Any:
    section, name = key.split(".")
    return getattr(getattr(config, section), name)


def _default(key: str) -> Any:
    return _get(TrainerConfig(), key)


def _set(key: str, value: Any) -> Remedy:
    return lambda config: {} if _get(config, key) == value else {key: value}


def _at_least(key: str, value: float) -> Remedy:
    return lambda config: {key: value} if _get(config, key) < value else {}


def _doubled(key: str, most: int) -> Remedy:
    def change(config: TrainerConfig) -> Changes:
        double = 2 * _get(config, key)
        return {key: double} if double <= most else {}

    return change


def _halved(key: str, least: float) -> Remedy:
    def change(config: TrainerConfig) -> Changes:
        value = _get(config, key)
        half = value // 2 if isinstance(value, int) else value / 2
        return {key: half} if half >= least else {}

    return change


def _penalties(config: TrainerConfig) -> Changes:
    """Raise both penalties to at least their default weight. Turn off batch norm, which excludes them."""
    gammas = {key: _default(key) for key in ("loss.r1_gamma", "loss.r2_gamma")}
    changes: Changes = {key: value for key, value in gammas.items() if _get(config, key) < value}
    if changes and config.model.discriminator_norm == "batch":
        changes["model.discriminator_norm"] = "none"
    return changes


def _stronger_penalties(config: TrainerConfig) -> Changes:
    gammas = {
        "loss.r1_gamma": 2.0 * config.loss.r1_gamma,
        "loss.r2_gamma": 2.0 * config.loss.r2_gamma,
    }
    return gammas if 0 < max(gammas.values()) <= _MAX_GAMMA else {}


def _learning_rates(config: TrainerConfig) -> Changes:
    """Reset a generator rate that is too low, or limit the discriminator rate to the generator rate."""
    optimizer = config.optimizer
    if optimizer.generator_learning_rate < _MIN_LEARNING_RATE:
        return {_GENERATOR_RATE: _default(_GENERATOR_RATE)}
    if optimizer.discriminator_learning_rate > optimizer.generator_learning_rate:
        return {_DISCRIMINATOR_RATE: optimizer.generator_learning_rate}
    return {}


def _film_layers(config: TrainerConfig) -> Changes:
    """Turn on FiLM layers, which give the content its own path to the frames. Only `palette` has them."""
    if config.model.architecture != "palette" or config.model.film_layers:
        return {}
    return {"model.film_layers": ARCHITECTURE_DEFAULTS["palette"]["film_layers"]}


def _augmentation(config: TrainerConfig) -> Changes:
    return {} if config.loss.diff_augment else {"loss.diff_augment": get_args(Augmentation)}


def _slower(config: TrainerConfig) -> Changes:
    """Halve both learning rates. Halving only one would change the balance between the networks."""
    halves = {key: _get(config, key) / 2 for key in (_GENERATOR_RATE, _DISCRIMINATOR_RATE)}
    return halves if min(halves.values()) >= _MIN_LEARNING_RATE else {}


def _shorter_average(config: TrainerConfig) -> Changes:
    """Shorten the EMA to a tenth of its steps."""
    shorter = round(1.0 - 10.0 * (1.0 - config.optimizer.ema_decay), 6)
    return {"optimizer.ema_decay": shorter} if shorter > 0 else {}


_RELATIVISTIC = _set("loss.adversarial", "relativistic")
_NOISE = _at_least("loss.instance_noise", 0.1)
_SLOWER_DISCRIMINATORS = _halved(_DISCRIMINATOR_RATE, _MIN_LEARNING_RATE)
_SPECTRAL_NORM = _set("model.discriminator_norm", "spectral")
_DIFFERENCES = _set("model.frame_difference", True)
_FLOAT32 = _set("run.mixed_precision", "float32")
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
        _doubled("run.batch_size", most=64),
        _slower,
    ),
    "frozen": (
        lambda config: (
            {"model.architecture": "mocogan"} if config.model.architecture == "seed" else {}
        ),
        _RELATIVISTIC,
        _penalties,
        _DIFFERENCES,
        _at_least("model.dim_z_motion", 10),
        _SLOWER_DISCRIMINATORS,
    ),
    "flicker": (
        _at_least("optimizer.ema_decay", 0.995),
        _RELATIVISTIC,
        _penalties,
        _DIFFERENCES,
        _film_layers,
        _halved("model.dim_z_motion", 4),
        _slower,
    ),
    "memorized": (
        _augmentation,
        _NOISE,
        _halved("model.base_channels", 8),
        _SLOWER_DISCRIMINATORS,
    ),
    "lagging": (_shorter_average,),
    "starving": (_FLOAT32, _slower),
    "exploding": (_penalties, _SPECTRAL_NORM, _FLOAT32, _SLOWER_DISCRIMINATORS),
}
