import pytest

from mocogan.components.reports.quantities import (
    amount,
    data_size,
    figure,
    percentage,
    playing_time,
)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.04, "0.04 s"),
        (2.5, "2.5 s"),
        (59.94, "59.9 s"),
        (245, "4 min 5 s"),
        (240, "4 min"),
        (725, "12 min"),
        (11_520, "3 h 12 min"),
        (3_600_000, "1,000 h"),
    ],
)
def test_playing_times_have_the_units_that_matter(seconds, shown):
    assert playing_time(seconds) == shown


def test_amounts_have_a_plural():
    assert [amount(n, "clip") for n in (0, 1, 2000)] == ["0 clips", "1 clip", "2,000 clips"]
    assert [amount(n, "copy", "copies") for n in (1, 2)] == ["1 copy", "2 copies"]


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (0, 0, "none"),
        (0, 5, "none"),
        (1, 4, "25%"),
        (5, 5, "100%"),
        (1, 1000, "0.10%"),
        (999, 1000, "99.90%"),
    ],
)
def test_percentages_near_none_and_all_keep_their_decimals(part, whole, shown):
    assert percentage(part, whole) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0"),
        (0.01745, "0.0175"),
        (14.0014, "14.0"),
        (-0.5, "-0.500"),
        (422.4, "422"),
        (2233.2, "2,233"),
        (2.599e-5, "0.0000260"),
        (2.6e-7, "2.60e-07"),
    ],
)
def test_figures_have_three_digits(value, shown):
    assert figure(value) == shown


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (1234, "1.2 kB"),
        (9949, "9.9 kB"),
        (9960, "10 kB"),
        (999_400, "999 kB"),
        (999_600, "1 MB"),
        (67_000_000, "67 MB"),
        (1_500_000_000, "1.5 GB"),
        (2_000_000_000_000_000, "2000 TB"),
    ],
)
def test_sizes_have_two_digits_or_more(count, shown):
    assert data_size(count) == shown
