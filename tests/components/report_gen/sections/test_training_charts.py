from itertools import pairwise

from mocogan.components.report_gen.clip_images import ClipImages, Rendering
from mocogan.components.report_gen.content import SampledStep
from mocogan.components.report_gen.sections.training_charts import (
    distance_chart,
    evenly,
    progress,
    training_charts,
)
from tests.support.report_contents import history, moving_squares, training


def images():
    return ClipImages(Rendering(None, 192, 48), 10**7)


def test_the_first_and_the_last_step_are_always_shown():
    samples = [SampledStep(n, moving_squares(1)) for n in range(47)]
    steps = [sampled.step for sampled in evenly(samples, 8)]
    assert len(steps) == 8
    assert (steps[0], steps[-1]) == (0, 46)
    assert max(b - a for a, b in pairwise(steps)) == 7
    assert evenly(samples[:3], 8) == samples[:3]


def test_each_row_has_the_same_latents():
    found = progress(training(), images())
    assert len(found.rows) == 4
    assert found.steps[0] == "300"
    assert found.steps[-1] == "3,000"
    assert found.hidden == 2
    assert len({picture.moving for picture in found.rows[2][1]}) == 1
    assert progress(training(samples=[]), images()) is None


def test_the_charts_are_those_of_losses_and_discriminators():
    losses, told_apart = training_charts(training())
    assert [line.name for line in losses.lines] == ["image discriminator", "image generator"]
    assert [line.name for line in told_apart.lines] == ["image discriminator"]
    assert losses.lines[1].first == "1.00"


def test_the_distance_is_drawn_where_it_was_measured():
    chart = distance_chart(training())
    (line,) = chart.lines
    assert (line.first, line.last) == ("20.0", "6.67")
    assert line.path.count("L") == 3  # two changes and the end


def test_a_history_may_lack_anything():
    assert training_charts(training(history=[])) == []
    assert distance_chart(training(history=[{"step": 1}])) is None
    odd = [
        {"step": 1, "losses/d_loss": float("nan")},
        {"losses/d_loss": 1.0},
        {"step": 3, "losses/d_loss": None},
        {"step": 4, "losses/d_loss": 0.5},
    ]
    (chart,) = training_charts(training(history=odd))
    assert chart.lines[0].first == chart.lines[0].last == "0.500"


def test_keys_of_the_last_line_are_enough():
    late = [{"step": 1}, *history(3)]
    assert len(training_charts(training(history=late))) == 2
