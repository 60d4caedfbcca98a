from mocogan.components.video_example_gen.report.charts import Bar, bar_chart, bins


def names(bars):
    return [bar.name for bar in bars]


def test_bins_are_named_by_their_edges_and_empty_ends_are_left_out():
    edges = ["1", "2", "5", "9"]
    assert names(bins([3, 0, 1, 0, 0], edges)) == ["under 1", "1 \N{EN DASH} 2", "2 \N{EN DASH} 5"]
    assert names(bins([0, 0, 0, 2, 7], edges)) == ["5 \N{EN DASH} 9", "9 and more"]
    assert bins([0] * 5, edges) == []


def test_bars_are_as_long_as_their_numbers():
    chart = bar_chart("Sizes", "pixels", "videos", [Bar("a", 4000), Bar("b", 1000), Bar("c", 0)])
    assert "width:100.00%" in chart
    assert "width:25.00%" in chart
    assert chart.count("<i ") == 2
    for shown in ("Sizes", "pixels", "videos", "4,000", "1,000"):
        assert f">{shown}<" in chart


def test_names_in_a_chart_are_escaped():
    chart = bar_chart("Classes", "name", "clips", [Bar("<script>", 1, "a & b")])
    assert "<script>" not in chart
    assert "&lt;script&gt;" in chart
    assert "a &amp; b" in chart


def test_nothing_to_count_draws_nothing():
    assert bar_chart("Sizes", "pixels", "videos", [Bar("a", 0)]) == ""
