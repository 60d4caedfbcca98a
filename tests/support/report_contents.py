"""Contents of reports for tests: small clips and made-up values."""

from __future__ import annotations

import numpy as np

from mocogan.components.report_gen.content import (
    ConfigChange,
    Origin,
    Provenance,
    ReportContent,
    SampledStep,
    Training,
)
from mocogan.components.video_evaluator.galleries import names
from mocogan.components.video_evaluator.galleries.names import GalleryClips
from mocogan.components.video_evaluator.report import (
    Check,
    EvaluationReport,
    Gallery,
    MetricValue,
    Protocol,
    Verdict,
)
from mocogan.trainer.contract import TrainingSummary

LABELS = ("walk", "wave")
COLUMNS = {names.MATRIX: 3, names.CLASSES: 2, names.CONTENT_STEPS: 4, names.MOTION_STEPS: 4}
GALLERIES = (
    names.GENERATED,
    names.REAL,
    names.BASELINE,
    names.NEAREST,
    names.WORST,
    names.UNCOVERED,
    names.MATRIX,
    names.CLASSES,
    names.CONTENT_STEPS,
    names.MOTION_STEPS,
    names.LONG,
)


def moving_squares(number: int, num_frames: int = 4, size: int = 8) -> np.ndarray:
    """[N, T, H, W, 3] uint8: in each clip a square of another color goes right."""
    clips = np.zeros((number, num_frames, size, size, 3), np.uint8)
    for n in range(number):
        for t in range(num_frames):
            left = (n + t) % (size - 2)
            clips[n, t, 3:5, left : left + 2] = (250 - 9 * n % 200, 40 + 17 * n % 200, 90)
    return clips


def noise(number: int, num_frames: int = 16, size: int = 64, seed: int = 0) -> np.ndarray:
    """[N, T, H, W, 3] uint8: noise that is as large as that of photographs of a dim room."""
    random = np.random.default_rng(seed)
    return random.integers(85, 171, (number, num_frames, size, size, 3), np.uint8)


def gallery(name: str, clips: np.ndarray, **fields: object) -> GalleryClips:
    """A gallery at 8 frames per second."""
    columns = COLUMNS.get(name, 4)
    made = Gallery.model_validate(
        {"name": name, "clips": len(clips), "columns": columns, "fps": 8.0} | fields
    )
    return GalleryClips(made, clips)


def all_galleries(clips: np.ndarray | None = None) -> dict[str, GalleryClips]:
    """All galleries, of 12 clips each. Longer clips have three times the frames."""
    clips = moving_squares(12) if clips is None else clips
    made = {name: gallery(name, clips) for name in GALLERIES}
    made[names.LONG] = gallery(names.LONG, np.concatenate([clips] * 3, axis=1))
    return made


def metric(value: float | None = 0.2, **fields: object) -> MetricValue:
    """A metric near that of real clips."""
    known = {
        "value": value,
        "low": 0.1,
        "high": 0.3,
        "real": 0.1,
        "scale": 0.05,
        "scale_low": 0.0,
        "scale_high": 0.1,
        "unit": "gray levels",
        "direction": "lower",
        "protocol": "how it is computed",
        "damage": "still",
    }
    return MetricValue.model_validate(known | fields)


def protocol(**fields: object) -> Protocol:
    """40 real and 40 generated clips of two classes."""
    known = {
        "split": "eval",
        "real_clips": 40,
        "real_videos": 20,
        "training_clips": 160,
        "generated_clips": 40,
        "clip_shape": (4, 8, 8, 3),
        "seed": 0,
        "sampling_seeds": 3,
        "class_counts": {"walk": 20, "wave": 20},
        "embedding_steps": 400,
        "embedding_auc": 0.9,
        "max_damage": 0.3,
        "smallest_refused_shares": {"cut": 0.2, "flash": None},
        "notes": ("one half of the videos is the reference",),
    }
    return Protocol.model_validate(known | fields)


def evaluation(**fields: object) -> EvaluationReport:
    """A blessed model with a baseline."""
    checks = (
        Check(name="clip_distance", passed=True, text="clip_distance is at 0.05 of its scale"),
        Check(name="change", passed=None, text="change was not judged: too few clips"),
        Check(name="baseline", passed=True, text="not told apart from the baseline"),
    )
    known = {
        "verdict": Verdict(blessed=True, reason="blessed: 2 checks passed", checks=checks),
        "metrics": {
            "clip_distance": metric(),
            "change": metric(scale=0.6, scale_low=0.1, scale_high=1.6),
            "coverage": metric(0.8, direction="higher", damage="one_clip"),
            "memorization": metric(0.0, low=None, high=None),
            "fvd": metric(None, note="not measured", scale=None),
        },
        "baseline": {"clip_distance": metric(0.9, low=0.8, high=1.0, scale=0.9)},
        "confusion": [[18, 2], [5, 15]],
        "real_confusion": [[20, 0], [1, 19]],
        "protocol": protocol(),
        "labels": LABELS,
    }
    return EvaluationReport.model_validate(known | fields)


def refused(advice: str = "Train longer") -> EvaluationReport:
    """A model that is not blessed."""
    checks = (
        Check(name="change", passed=False, text="change is at 0.9", advice=advice),
        Check(name="baseline", passed=None, text="no baseline: none is pushed or given"),
    )
    reason = f"not blessed: change is at 0.9. {advice}"
    verdict = Verdict(blessed=False, reason=reason, checks=checks)
    return evaluation(verdict=verdict, baseline=None)


def summary(**fields: object) -> TrainingSummary:
    """A training of 3,000 steps."""
    known = {
        "steps": 3000,
        "seconds": 750.0,
        "losses": {"d_loss": 0.9},
        "clips_per_second": 52.9,
        "sample_distance": 3.8,
        "verdict": "healthy",
        "examination": {},
        "rollbacks": 0,
        "num_categories": 2,
        "parameters": 529664,
        "clip_shape": (4, 8, 8, 3),
        "device": "CPU",
    }
    return TrainingSummary.model_validate(known | fields)


def history(lines: int = 30) -> list[dict[str, float]]:
    """Lines of `metrics.jsonl`, every 100 steps."""
    return [
        {
            "step": 100 * (n + 1),
            "losses/image_d_loss": 0.5,
            "losses/image_g_loss": 1.0 + n / lines,
            "losses/d_loss": 1.0,
            "metrics/sample_distance": 20.0 / (n // 10 + 1),
            "diagnostics/image_roc_auc": 0.6,
        }
        for n in range(lines)
    ]


def training(**fields: object) -> Training:
    """A training with ten sampled steps of four latents."""
    samples = [SampledStep(300 * (n + 1), moving_squares(4)) for n in range(10)]
    config = {"model": {"architecture": "moving_parts"}, "run": {"steps": 3000, "seed": None}}
    known = Training(summary(), history(), samples, config, 8.0)
    return known._replace(**fields)


def full_content() -> ReportContent:
    """A report with all parts."""
    origins = [Origin("candidate", "/out/model/6", 12), Origin("versions", "TensorFlow 2.16")]
    changes = [ConfigChange("trainer.run.steps", "3000", "1000")]
    return ReportContent(
        title="Actions",
        evaluation=evaluation(),
        galleries=all_galleries(),
        training=training(),
        ingest={
            "source": "/data/actions",
            "dataset": "folders, 2 classes",
            "videos": {"accepted": 200, "rejected": []},
            "splits": {"train": {"videos": 180, "clips": 180}},
            "labels": {"walk": 100, "wave": 100},
            "notes": ["a note on the data"],
        },
        provenance=Provenance(origins, changes, "mocogan evaluate /out"),
    )
