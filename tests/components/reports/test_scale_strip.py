import pytest

from mocogan.components.reports.scale_strip import scale_strip


def test_marks_lie_in_the_order_of_their_values():
    strip = scale_strip(0.2, (0.1, 0.4), 0.3, 0.8)
    assert strip.real < strip.interval[0] < strip.value < strip.bound
    assert strip.bound < sum(strip.interval) < strip.baseline < strip.damaged
    assert strip.beyond == ""
    assert strip.description == (
        "place 0.20 on a scale from 0, real, to 1, damaged; interval 0.10 to 0.40; bound 0.3; "
        "baseline 0.80"
    )


@pytest.mark.parametrize(("value", "side"), [(-3.0, "left"), (7.0, "right"), (1.1, "")])
def test_values_off_the_strip_stay_at_its_end_with_an_arrow(value, side):
    strip = scale_strip(value, None, 0.3)
    assert 0 <= strip.value <= 240
    assert strip.beyond == side
    assert strip.interval is None


def test_a_narrow_interval_stays_visible():
    assert scale_strip(0.2, (0.2, 0.2), 0.3).interval[1] == 1.0
