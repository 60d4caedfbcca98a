from mocogan.components.reports.bar_chart import Bar
from mocogan.components.video_example_gen.report.charts import ingest_charts

EMPTY = {
    "durations": {"edges": [1, 60], "counts": [0, 0, 0], "unknown": 0},
    "frame_rates": {"counts": {}, "unknown": 0},
    "formats": {},
    "motion": {"edges": [0.25, 1], "counts": [0, 0, 0]},
    "resolutions": {"counts": {}, "others": 0},
    "labels": {},
}


def chart(title, **report):
    (found,) = (made for made in ingest_charts(EMPTY | report) if made.title == title)
    return list(found.bars)


def test_without_an_accepted_video_there_is_no_chart():
    assert ingest_charts(EMPTY) == []


def test_playing_times_have_units_and_unknown_ones_a_bar():
    durations = {"edges": [1, 60], "counts": [0, 2, 1], "unknown": 3}
    assert chart("Playing time", durations=durations) == [
        Bar("1 s \N{EN DASH} 1 min", 2),
        Bar("1 min or more", 1),
        Bar("", 3, "unknown"),
    ]


def test_frame_rates_are_sorted_by_rate_and_the_rest_comes_last():
    counts = {str(rate): 18 - rate for rate in range(1, 18)}
    bars = chart("Frame rate", frame_rates={"counts": counts, "unknown": 4})
    assert [bar.name for bar in bars[:-2]] == [str(rate) for rate in range(1, 17)]
    assert bars[-2:] == [Bar("", 1, "others"), Bar("", 4, "unknown")]


def test_static_clips_are_named():
    bars = chart("Motion", motion={"edges": [0.25, 1], "counts": [5, 0, 2]})
    assert bars == [
        Bar("under 0.25", 5, "static"),
        Bar("0.25 \N{EN DASH} 1", 0),
        Bar("1 or more", 2),
    ]
    assert chart("Motion", motion={"edges": [0.25, 1], "counts": [0, 0, 2]}) == [
        Bar("1 or more", 2)
    ]


def test_resolutions_show_the_multiplication_sign():
    resolutions = {"counts": {"64x48": 2}, "others": 1}
    assert chart("Resolution", resolutions=resolutions) == [
        Bar("64 \N{MULTIPLICATION SIGN} 48", 2),
        Bar("", 1, "others"),
    ]


def test_a_single_class_has_no_chart_and_videos_without_a_class_are_named():
    assert ingest_charts(EMPTY | {"labels": {"a": 3}}) == []
    assert chart("Classes", labels={"": 2, "a": 3}) == [Bar("a", 3), Bar("", 2, "no class")]
