import math
import re

import pytest

from mocogan.components.reports.line_chart import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    line_chart,
    ticks,
)


def places(path):
    return [tuple(map(float, place.split())) for place in re.split("[ML]", path)[1:]]


def test_a_line_fills_the_drawing_and_has_its_numbers():
    chart = line_chart("Losses", "why", "step", [("a", [(0, 1.0), (50, 5.0), (100, 3.0)])])
    (line,) = chart.lines
    assert places(line.path) == [
        (LEFT, HEIGHT - BOTTOM),
        ((LEFT + WIDTH - RIGHT) / 2, TOP),
        (WIDTH - RIGHT, (TOP + HEIGHT - BOTTOM) / 2),
    ]
    assert line[2:] == ("1.00", "1.00", "5.00", "3.00")
    assert chart.description == "a: from 1.00 to 3.00"
    assert [tick.label for tick in chart.x_ticks] == ["0", "20", "40", "60", "80", "100"]


def test_many_points_are_averaged_over_equal_spans():
    points = [(n, float(n % 2)) for n in range(10_000)]
    (line,) = line_chart("t", "", "step", [("a", points), ("b", [(0, 0.0), (1, 1.0)])]).lines[:1]
    assert 100 <= len(places(line.path)) <= 150
    assert (line.lowest, line.highest) == ("0", "1.00")


def test_values_that_are_no_numbers_are_left_out():
    points = [(0, math.nan), (1, 2.0), (2, math.inf), (3, 4.0), (4, 1e300)]
    (line,) = line_chart("t", "", "step", [("a", points)]).lines
    assert len(places(line.path)) == 2
    assert line_chart("t", "", "step", [("a", [(0, math.nan)]), ("b", [])]) is None
    assert line_chart("t", "", "step", []) is None


def test_a_constant_and_a_single_point_are_drawn():
    for points in ([(7, 0.5)], [(7, 0.0)], [(1, 3.0), (2, 3.0)]):
        chart = line_chart("t", "", "step", [("a", points)])
        assert all(TOP < y < HEIGHT - BOTTOM for _, y in places(chart.lines[0].path))
        assert chart.x_ticks
        assert chart.y_ticks


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 100, [0, 20, 40, 60, 80, 100]),
        (0.33, 1.21, [0.4, 0.6, 0.8, 1.0, 1.2]),
        (100, 23_300, [5000, 10_000, 15_000, 20_000]),
        (-1, 1, [-1, -0.5, 0, 0.5, 1]),
        (3, 3, [3]),
    ],
)
def test_ticks_are_round(low, high, expected):
    assert ticks(low, high) == pytest.approx(expected)
