"""Which models are blessed, and what the report says about them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from mocogan.components.video_evaluator.config import EvaluatorConfig
from mocogan.components.video_evaluator.evaluation import (
    Evaluation,
    clip_format,
    evaluate_clips,
    evaluate_model,
)
from mocogan.components.video_evaluator.real_data import ClipFormat, NotEnoughClips
from mocogan.components.video_evaluator.report import Check
from mocogan.components.video_evaluator.sampling import ClipModel, OutputContractError
from mocogan.evaluation.feature_cache import FeatureCache
from mocogan.evaluation.metrics.registry import SAMPLE_METRICS
from tests.support.square_models import draw_squares

Evaluate = Callable[..., Evaluation]
Models = Callable[[str], str]

FORMAT = ClipFormat(4, 16, "area")


def failed(evaluation: Evaluation) -> list[str]:
    return [check.name for check in evaluation.report.verdict.checks if check.passed is False]


def baseline_check(evaluation: Evaluation) -> Check:
    (check,) = (c for c in evaluation.report.verdict.checks if c.name == "baseline")
    return check


def gallery(evaluation: Evaluation, name: str) -> np.ndarray:
    (part,) = (part for part in evaluation.galleries if part.gallery.name == name)
    return part.clips


def captions(evaluation: Evaluation, name: str) -> tuple[str, ...]:
    (found,) = (found for found in evaluation.report.galleries if found.name == name)
    return found.captions


def test_a_model_like_the_data_is_blessed(evaluate: Evaluate) -> None:
    evaluation = evaluate("squares")
    verdict = evaluation.report.verdict
    assert verdict.blessed
    assert verdict.reason.startswith("blessed: ")
    assert "; no baseline: " in verdict.reason
    assert [check.name for check in verdict.checks][:3] == [
        "output_contract",
        "same_seed_same_clips",
        "other_seed_other_clips",
    ]
    assert all(
        metric.scale is None or metric.scale < 0.3 for metric in evaluation.report.metrics.values()
    )
    assert evaluation.report.protocol.generated_clips == 24
    clips = gallery(evaluation, "generated")
    assert (clips.shape, clips.dtype) == ((4, 4, 16, 16, 3), np.uint8)  # gif_clips


@pytest.mark.parametrize(
    ("name", "first", "others"),
    [
        ("noise", "clip_distance", {"change", "high_frequency", "picture_distance"}),
        ("black", "other_seed_other_clips", {"change", "distinct_share", "picture_distance"}),
        ("collapsed", "other_seed_other_clips", {"distinct_share", "clip_distance"}),
        ("still", "clip_distance", {"change", "displacement"}),
        ("deaf", "other_seed_other_clips", {"distinct_share"}),
        ("forgetful", "same_seed_same_clips", set()),
        ("copies", "memorization", set()),
    ],
)
def test_a_broken_model_is_refused_without_a_baseline(
    evaluate: Evaluate, name: str, first: str, others: set[str]
) -> None:
    evaluation = evaluate(name)
    names, verdict = failed(evaluation), evaluation.report.verdict
    assert not verdict.blessed
    assert names[0] == first
    assert others <= set(names)
    (decided,) = (check for check in verdict.checks if check.name == first)
    more = {0: "", 1: " (1 more check failed)"}
    count = len(names) - 1
    assert verdict.reason == (
        f"not blessed: {decided.text}{more.get(count, f' ({count} more checks failed)')}. "
        f"{decided.advice}"
    )
    assert decided.advice


def test_copies_and_their_training_clips_are_shown(evaluate: Evaluate, splits) -> None:
    evaluation = evaluate("copies")
    nearest = gallery(evaluation, "nearest")
    np.testing.assert_array_equal(nearest, gallery(evaluation, "generated"))
    assert captions(evaluation, "nearest") == ("distance 0.00",) * 4
    assert evaluation.report.metrics["memorization"].value == 1


def test_the_baseline_shows_clips_of_the_same_seeds(evaluate: Evaluate) -> None:
    evaluation = evaluate("squares", "gray")
    clips, baseline = gallery(evaluation, "generated"), gallery(evaluation, "baseline")
    np.testing.assert_array_equal(clips[..., :1].repeat(3, axis=-1), baseline)


def test_an_equal_baseline_is_not_told_apart(evaluate: Evaluate) -> None:
    for baseline in ("squares", "classes"):  # itself, and another model of the same clips
        equal = evaluate("squares", baseline)
        assert equal.report.verdict.blessed
        assert baseline_check(equal).passed
        assert "not told apart from the baseline" in equal.report.verdict.reason
        assert equal.report.baseline is not None
        assert list(equal.report.baseline) == list(SAMPLE_METRICS)
    same = evaluate("squares", "squares").report
    assert same.baseline == {name: same.metrics[name] for name in SAMPLE_METRICS}


def test_a_model_that_is_worse_than_the_baseline_is_refused(evaluate: Evaluate) -> None:
    assert evaluate("gray").report.verdict.blessed  # its bounds do not see the lost colors
    worse = evaluate("gray", "squares")
    assert failed(worse) == ["baseline"]
    assert worse.report.verdict.reason.startswith(
        "not blessed: worse than the baseline in color_distance"
    )
    better = evaluate("squares", "gray")
    assert better.report.verdict.blessed
    assert baseline_check(better).passed


def test_a_baseline_of_other_clips_is_not_compared(evaluate: Evaluate) -> None:
    for baseline in ("longer", "foreign"):
        evaluation = evaluate("squares", baseline)
        assert evaluation.report.verdict.blessed
        assert evaluation.report.baseline is None
        check = baseline_check(evaluation)
        assert check.passed is None
        assert check.text.startswith("no baseline: it cannot be compared (the model in ")


def test_evaluations_repeat(
    evaluate: Evaluate, models: Models, splits, config: EvaluatorConfig
) -> None:
    again = evaluate_model(models("squares"), None, splits.files, config, FeatureCache(None))
    assert again.report == evaluate("squares").report


def test_the_report_has_its_protocol(evaluate: Evaluate) -> None:
    protocol = evaluate("squares").report.protocol
    assert protocol.model_dump(exclude={"smallest_refused_shares"}) == {
        "split": "eval",
        "real_clips": 24,
        "real_videos": 24,
        "training_clips": 48,
        "generated_clips": 24,
        "clip_shape": (4, 16, 16, 3),
        "seed": 0,
        "sampling_seeds": 3,
        "class_counts": {},
        "embedding_steps": 0,
        "embedding_auc": None,
        "max_damage": 0.3,
        "notes": (),
    }
    assert protocol.smallest_refused_shares.keys() == {"still", "flash"}


def test_metrics_that_do_not_apply_say_why(evaluate: Evaluate) -> None:
    missing = {
        name: metric.note
        for name, metric in evaluate("squares").report.metrics.items()
        if metric.value is None
    }
    assert missing.keys() == {
        "patch_distance_2",
        "patch_distance_3",
        "content_consistency",
        "motion_control_score",
        "content_kept",
        "motion_kept",
        "disentanglement",
        "fvd",
    }
    assert all(missing.values())
    assert "embedding_steps=0" in missing["content_consistency"]
    assert missing["fvd"].startswith("not measured: ")


def test_classes_and_seeds_are_measured_with_an_embedding(
    models: Models, labeled_splits, cache: FeatureCache
) -> None:
    config = EvaluatorConfig(embedding_steps=2, gif_clips=4)
    evaluation = evaluate_model(models("classes"), None, labeled_splits.files, config, cache)
    report = evaluation.report
    assert report.protocol.class_counts == {"down": 18, "right": 6}
    assert np.sum(report.confusion, axis=1).tolist() == [18, 6]
    assert np.sum(report.real_confusion, axis=1).tolist() == [18, 6]
    assert report.protocol.embedding_steps == 2
    assert report.protocol.embedding_auc is not None
    assert "cut" in report.protocol.smallest_refused_shares
    measured = {name for name, metric in report.metrics.items() if metric.value is not None}
    assert {"content_consistency", "motion_control_score", "disentanglement"} <= measured
    # The generated clips have the classes of the held-out clips, one by one.
    for name in ("generated", "real"):
        right = [clip.any(axis=(0, 2, 3)).sum() == 4 for clip in gallery(evaluation, name)]  # rows
        assert right == [label == "right" for label in captions(evaluation, "real")]
    assert captions(evaluation, "generated") == captions(evaluation, "real")
    assert report.labels == ("down", "right")


def test_a_model_that_breaks_the_contract_is_refused_with_the_reason(
    models: Models, labeled_splits, config: EvaluatorConfig, cache: FeatureCache
) -> None:
    evaluation = evaluate_model(models("classless"), None, labeled_splits.files, config, cache)
    report = evaluation.report
    assert failed(evaluation) == ["output_contract"]
    assert report.verdict.reason.startswith("not blessed: signature 'sample_category' of the model")
    assert "no such class" in report.verdict.reason
    assert [part.gallery.name for part in evaluation.galleries] == ["real"]
    assert report.metrics == {}
    assert report.protocol.generated_clips == 0
    assert report.protocol.smallest_refused_shares == {}


def test_a_model_of_unknown_clips_cannot_be_evaluated(
    models: Models, splits, config: EvaluatorConfig, cache: FeatureCache
) -> None:
    for name, reason in (("floats", "float32"), ("foreign", "must take num_clips")):
        with pytest.raises(OutputContractError, match=reason):
            evaluate_model(models(name), None, splits.files, config, cache)


def test_clips_without_a_model_are_measured_and_never_blessed(
    splits, config: EvaluatorConfig, cache: FeatureCache
) -> None:
    clips = draw_squares(30, 7)
    evaluation = evaluate_clips(clips, splits.files, FORMAT, config, cache)
    assert failed(evaluation) == ["model"]
    assert evaluation.report.verdict.reason == (
        "not blessed: these are clips, not a model, so there is nothing to push."
    )
    assert evaluation.report.protocol.generated_clips == 24  # as many as real ones
    np.testing.assert_array_equal(gallery(evaluation, "generated"), clips[:4])
    few = evaluate_clips(clips[:10], splits.files, FORMAT, config, cache).report.protocol
    assert (few.generated_clips, few.real_clips) == (10, 10)
    with pytest.raises(NotEnoughClips, match="at least two generated clips, got 1"):
        evaluate_clips(clips[:1], splits.files, FORMAT, config, cache)


def test_a_real_clip_is_cut_as_the_model_says(models: Models) -> None:
    assert clip_format(ClipModel(models("classes"))) == (4, 16, "bilinear")
    assert clip_format(ClipModel(models("longer"))) == (5, 16, "area")


def test_without_real_clips_there_is_no_evaluation(
    models: Models, config: EvaluatorConfig, cache: FeatureCache
) -> None:
    with pytest.raises(NotEnoughClips, match="add videos"):
        evaluate_model(models("squares"), None, {"train": []}, config, cache)
