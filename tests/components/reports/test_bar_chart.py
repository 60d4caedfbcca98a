from mocogan.components.reports.bar_chart import Bar, BarChart, histogram_bars, largest_bars
from mocogan.components.reports.page import environment

DRAW = '{% from "elements.html" import bar_chart %}{{ bar_chart(chart) }}'


def drawn(title, unit, counted, bars):
    return environment().from_string(DRAW).render(chart=BarChart(title, unit, counted, bars))


def names(bars):
    return [bar.name for bar in bars]


def test_bins_are_named_by_their_edges_and_empty_ends_are_left_out():
    edges = ["1", "2", "5", "9"]
    assert names(histogram_bars([3, 0, 1, 0, 0], edges)) == [
        "under 1",
        "1 \N{EN DASH} 2",
        "2 \N{EN DASH} 5",
    ]
    assert names(histogram_bars([0, 0, 0, 2, 7], edges)) == ["5 \N{EN DASH} 9", "9 or more"]
    assert histogram_bars([0] * 5, edges) == []


def test_sixteen_counts_have_bars_of_their_own_and_the_rest_share_one():
    bars = largest_bars({f"{number:02}": number for number in range(1, 19)}, others=100)
    assert names(bars) == [f"{number:02}" for number in range(18, 2, -1)] + [""]
    assert bars[-1] == Bar("", 2 + 1 + 100, "others")
    assert largest_bars({"b": 1, "a": 1}) == [Bar("a", 1), Bar("b", 1)]


def test_bars_are_as_long_as_their_numbers():
    chart = drawn("Sizes", "pixels", "videos", [Bar("a", 4000), Bar("b", 1000), Bar("c", 0)])
    assert "width:100.00%" in chart
    assert "width:25.00%" in chart
    assert chart.count("<i ") == 2
    for shown in ("Sizes", "pixels", "videos", "4,000", "1,000"):
        assert f">{shown}<" in chart


def test_names_in_a_chart_are_escaped():
    chart = drawn("Classes", "name", "clips", [Bar("<script>", 1, "a & b")])
    assert "<script>" not in chart
    assert "&lt;script&gt;" in chart
    assert "a &amp; b" in chart


def test_nothing_to_count_draws_nothing():
    assert drawn("Sizes", "pixels", "videos", [Bar("a", 0)]).strip() == ""
    assert drawn("Sizes", "pixels", "videos", []).strip() == ""
