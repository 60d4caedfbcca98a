from mocogan.components.report_gen.content import ReportContent
from mocogan.components.report_gen.sections.lineage import data_facts, flat_options, lineage
from tests.support.report_contents import full_content


def test_cost_and_data_are_facts():
    facts = dict(lineage(full_content()).facts)
    assert facts["Device"] == "CPU"
    assert facts["Speed"] == "52.9 clips per second"
    assert facts["Videos"] == "200 accepted, 0 rejected"
    assert facts["Split train"] == "180 videos, 180 clips"


def test_options_have_full_keys_and_yaml_values():
    config = {"model": {"a": 0.5, "b": None}, "run": {"c": True, "d": [1, 2]}}
    assert flat_options(config) == [
        ("model.a", "0.5"),
        ("run.c", "true"),
        ("run.d", "[1, 2]"),
    ]


def test_without_a_baseline_there_are_no_changes():
    content = full_content()
    assert len(lineage(content).changes) == 1
    provenance = content.provenance._replace(changes=None)
    assert lineage(content._replace(provenance=provenance)).changes is None


def test_nothing_known_is_nothing_shown():
    assert lineage(ReportContent("x")) is None
    assert data_facts({}) == []
