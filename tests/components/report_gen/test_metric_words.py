from mocogan.components.report_gen.metric_words import damage_words, metric_meaning, metric_title
from mocogan.components.video_evaluator.other_metrics import MEMORIZATION, MOTION_CONTROL
from mocogan.evaluation.metrics.registry import SAMPLE_METRICS


def test_every_metric_has_a_meaning():
    for name in (*SAMPLE_METRICS, MEMORIZATION, MOTION_CONTROL, "fvd", "disentanglement"):
        assert metric_meaning(name), name


def test_titles_are_words():
    assert metric_title("patch_distance_1") == "Patch distance 1"
    assert metric_title("fvd") == "FVD"


def test_damages_have_a_description_or_are_their_own():
    assert damage_words("cut") == "a cut to another clip"
    assert damage_words("the requested class has no effect") == "the requested class has no effect"
