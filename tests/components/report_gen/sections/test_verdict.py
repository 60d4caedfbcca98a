from mocogan.components.report_gen.content import ReportContent
from mocogan.components.report_gen.sections.verdict import reason_text, verdict_content
from tests.support import report_contents as contents


def test_a_blessed_model_has_no_advice():
    found = verdict_content(contents.full_content())
    assert (found.word, found.mark, found.reason) == ("Blessed", "good", "2 checks passed.")
    assert not found.advice
    assert [row.word for row in found.checks] == ["passed", "not judged", "passed"]


def test_a_refused_model_has_its_advice_once():
    content = contents.full_content()._replace(evaluation=contents.refused("Train longer"))
    found = verdict_content(content)
    assert (found.word, found.mark) == ("Not blessed", "bad")
    assert found.advice == ["Train longer"]
    assert reason_text(content.evaluation) == "change is at 0.9."


def test_without_an_evaluation_there_is_no_verdict():
    found = verdict_content(ReportContent("x"))
    assert (found.word, found.tiles) == ("No verdict", [])


def test_the_large_numbers_are_those_of_checks_clips_and_training():
    tiles = {tile.label: tile for tile in verdict_content(contents.full_content()).tiles}
    assert tiles["Checks passed"].value == "2 of 2"
    assert tiles["Checks passed"].remark == "1 not judged"
    assert tiles["Clips compared"].value == "40"
    assert tiles["Frame size"].value == "8 \N{MULTIPLICATION SIGN} 8"
    assert tiles["Copies"].value == "none"
    assert tiles["Training time"].value == "12 min"


def test_a_training_that_runs_has_a_step():
    training = contents.training(summary=None)
    tiles = verdict_content(ReportContent("x", training=training)).tiles
    assert [(tile.label, tile.value, tile.remark) for tile in tiles] == [
        ("Steps", "3,000", "so far")
    ]
