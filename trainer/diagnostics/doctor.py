"""The training doctor: looks at a training now and then, and says in a line what ails it and which switch to try."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from mocogan.trainer.config import TrainerConfig
from mocogan.trainer.diagnostics.examination import Examination
from mocogan.trainer.diagnostics.remedies import remedy
from mocogan.trainer.diagnostics.symptoms import Ailment, Symptom, balanced, symptoms
from mocogan.trainer.runtime.notices import notify
from mocogan.trainer.state import TrainingState

HEALTHY = "healthy"
_FIRST_STEP = 300  # before it every training looks ill
_PATIENCE = 2000  # steps that samples may look ill while the discriminators are balanced
# Of these, time alone may be the cure; the others are of the optimizers, and no sooner gone for waiting.
_MAY_BE_EARLY: tuple[Ailment, ...] = ("lagging", "blank", "collapse", "frozen", "flicker")


class Doctor:
    """Takes for true what it sees twice in a row, and says it once, until it was missing twice in a row."""

    def __init__(self, config: TrainerConfig, state: TrainingState, dtype: tf.DType) -> None:
        """`dtype`: of the convolutions."""
        self.metrics: dict[str, float] = {}  # of the last examination
        self.verdict = "not examined"  # one line: healthy, early, or what ails it
        self._config = config
        self._measure = Examination(config, state, dtype)
        self._seen: dict[str, str] = {}  # by the last examination: ailment -> its line
        self._reported: dict[str, str] = {}

    def examine(
        self, step: int, batch: Mapping[str, tf.Tensor], last_losses: Mapping[str, float]
    ) -> None:
        """Measures after `step` steps; `batch` and losses as `Examination` takes them."""
        self.diagnose(step, self._measure(batch, last_losses))

    def diagnose(self, step: int, metrics: dict[str, float]) -> None:
        """Makes the verdict of the metrics measured after `step` steps, and reports what is new."""
        self.metrics = metrics
        if step < _FIRST_STEP:
            self.verdict = f"early: {step} steps are too few to tell"
            return
        found, early = _sorted_out(step, metrics)
        before, self._seen = self._seen, {s.ailment: self._line(s) for s in found}
        lines = before | self._seen
        lasting = (before.keys() & self._seen.keys()) | (self._reported.keys() & lines.keys())
        reported, self._reported = (
            self._reported,
            {name: lines[name] for name in lines if name in lasting},
        )
        for name in self._reported.keys() - reported.keys():
            notify(f"step {step}: {self._reported[name]}")
        for name in reported.keys() - self._reported.keys():
            notify(f"step {step}: {name} is over")
        self.verdict = self._verdict(early)

    def as_json(self) -> dict[str, Any]:
        """What a checkpoint keeps, as JSON takes it."""
        return {"verdict": self.verdict, "metrics": self.metrics, "seen": self._seen}

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Takes the values of an earlier `as_json`. What another process said is said again when it is seen again."""
        self.verdict, self.metrics = saved["verdict"], saved["metrics"]
        self._seen = saved["seen"]

    def _line(self, symptom: Symptom) -> str:
        return f"{symptom.text}; {remedy(symptom.ailment, self._config)}"

    def _verdict(self, early: list[Symptom]) -> str:
        if self._reported:
            return ". ".join(self._reported.values())
        if self._seen:
            return f"seen once: {'. '.join(self._seen.values())}"
        if early:
            texts = ", ".join(symptom.text for symptom in early)
            return f"early: {texts}, but the discriminators are balanced: train on"
        return HEALTHY


def _sorted_out(step: int, metrics: Mapping[str, float]) -> tuple[list[Symptom], list[Symptom]]:
    """What the metrics show, and what is merely early."""
    found = symptoms(metrics)
    if step >= _PATIENCE or not balanced(metrics):
        return found, []
    early = [symptom for symptom in found if symptom.ailment in _MAY_BE_EARLY]
    return [symptom for symptom in found if symptom not in early], early
