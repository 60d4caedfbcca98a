from mocogan.components.report_gen.sections.coverage import coverage, noticed_faults
from tests.support.report_contents import evaluation, protocol


def test_the_power_of_the_clips_is_said_in_words():
    assert noticed_faults(protocol()) == [
        "a cut to another clip: noticed if at least 20% of the clips have it",
        "a white flash: not noticed for sure, even if all clips have it",
    ]


def test_only_what_was_measured_is_shown():
    assert [row.name for row in coverage(evaluation()).rows] == ["coverage"]
    assert coverage(evaluation(metrics={}, protocol=None)) is None
