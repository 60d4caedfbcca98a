"""The training doctor examines a training at intervals. It names problems and an option to change, in one line."""

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
_FIRST_STEP = 300  # before this step, every training looks bad
_PATIENCE = 2000  # until this step, samples may look bad if the discriminators are balanced
# These problems can disappear with more steps. The others come from the optimizers and do not.
_MAY_BE_EARLY: tuple[Ailment, ...] = ("lagging", "blank", "collapse", "frozen", "flicker")


class Doctor:
    """Reports each problem once, after two examinations in a row show it. It ends after two that do not show it."""

    def __init__(self, config: TrainerConfig, state: TrainingState, dtype: tf.DType) -> None:
        """`dtype` is the data type of the convolutions."""
        self.metrics: dict[str, float] = {}  # of the last examination
        self.verdict = "not examined"  # one line: healthy, early, or the problems
        self._config = config
        self._measure = Examination(config, state, dtype)
        self._seen: dict[str, str] = {}  # in the last examination: ailment -> message
        self._reported: dict[str, str] = {}

    def examine(
        self, step: int, batch: Mapping[str, tf.Tensor], last_losses: Mapping[str, float]
    ) -> None:
        """Examine the training after `step` steps. `Examination` describes `batch` and `last_losses`."""
        self.diagnose(step, self._measure(batch, last_losses))

    def diagnose(self, step: int, metrics: dict[str, float]) -> None:
        """Update the verdict from the metrics measured after `step` steps. Report problems that are new or over."""
        self.metrics = metrics
        if step < _FIRST_STEP:
            self.verdict = f"early: {step} steps are too few for a diagnosis"
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
            notify(f"step {step}: {name} is no longer detected")
        self.verdict = self._verdict(early)

    def as_json(self) -> dict[str, Any]:
        """Return the JSON values that a checkpoint stores."""
        return {"verdict": self.verdict, "metrics": self.metrics, "seen": self._seen}

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Load the values that `as_json` returned. Problems that an earlier run reported are reported again."""
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
            return f"early: {texts}. The discriminators are balanced, so keep training"
        return HEALTHY


def _sorted_out(step: int, metrics: Mapping[str, float]) -> tuple[list[Symptom], list[Symptom]]:
    """Return the symptoms, split into those to report and those that more steps may cure."""
    found = symptoms(metrics)
    if step >= _PATIENCE or not balanced(metrics):
        return found, []
    early = [symptom for symptom in found if symptom.ailment in _MAY_BE_EARLY]
    return [symptom for symptom in found if symptom not in early], early
