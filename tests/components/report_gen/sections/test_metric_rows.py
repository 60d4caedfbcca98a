import pytest

from mocogan.components.report_gen.sections.metric_rows import (
    comparisons,
    metric_table,
    place_word,
)
from tests.support import report_contents as contents


def test_metrics_with_a_check_come_first_and_those_without_a_value_last():
    table = metric_table(contents.evaluation())
    assert [row.name for row in table.judged] == ["clip_distance", "change"]
    assert [row.name for row in table.reported] == ["coverage", "memorization"]
    assert [(metric.title, metric.note) for metric in table.missing] == [("FVD", "not measured")]
    assert table.has_baseline


def test_a_row_says_in_words_what_its_drawing_shows():
    row = metric_table(contents.evaluation()).judged[0]
    assert (row.value, row.interval, row.real) == ("0.200", "0.100 to 0.300", "0.100")
    assert (row.arrow, row.direction) == ("↓", "lower is better")
    assert (row.word, row.mark, row.result) == ("like real", "good", "passed")
    assert row.damage == "still clips"
    assert row.strip.baseline is not None
    assert "baseline 0.90" in row.strip.description


@pytest.mark.parametrize(
    ("scale", "word"),
    [
        (None, ""),
        (-0.5, "like real"),
        (0.09, "like real"),
        (0.2, "slightly off"),
        (0.3, "slightly off"),
        (0.31, "damaged"),
        (2.0, "damaged"),
    ],
)
def test_the_place_on_the_scale_has_a_word(scale, word):
    assert place_word(scale, 0.3)[0] == word


@pytest.mark.parametrize(
    ("direction", "candidate", "baseline", "word"),
    [
        ("lower", (0.2, 0.1, 0.3), (0.9, 0.8, 1.0), "better"),
        ("higher", (0.2, 0.1, 0.3), (0.9, 0.8, 1.0), "worse"),
        ("lower", (0.2, 0.1, 0.3), (0.25, 0.15, 0.35), "better, within the intervals"),
        ("none", (0.2, 0.1, 0.3), (0.9, 0.8, 1.0), "better"),
        ("lower", (0.2, None, None), (0.9, 0.8, 1.0), "better, within the intervals"),
        ("lower", (0.2, 0.1, 0.3), (0.2, 0.1, 0.3), "equal"),
    ],
)
def test_the_candidate_is_compared_with_the_baseline(direction, candidate, baseline, word):
    def metric(numbers):
        value, low, high = numbers
        return contents.metric(value, low=low, high=high, direction=direction)

    report = contents.evaluation(
        metrics={"change": metric(candidate)}, baseline={"change": metric(baseline)}
    )
    (row,) = comparisons(report)
    assert row.word == word


def test_metrics_that_one_of_the_two_lacks_are_not_compared():
    report = contents.evaluation(
        metrics={"change": contents.metric(None)},
        baseline={"change": contents.metric(), "other": contents.metric()},
    )
    assert comparisons(report) == []
