from mocogan.components.report_gen.content import ReportContent
from mocogan.components.report_gen.sections.lineage import (
    data_facts,
    flat_options,
    lineage,
    training_facts,
)
from mocogan.trainer.contract import WarmStart
from tests.support.report_contents import full_content, summary


def test_cost_and_data_are_facts():
    facts = dict(lineage(full_content()).facts)
    assert facts["Device"] == "CPU"
    assert facts["Speed"] == "52.9 clips per second"
    assert facts["Videos"] == "200 accepted, 0 rejected"
    assert facts["Split train"] == "180 videos, 180 clips"


def test_the_model_that_the_training_started_from_is_a_fact():
    warm = WarmStart(model_sha256="ab", folder="/pushed/17", taken=3, variables=4)
    content = full_content()
    training = content.training._replace(summary=summary(warm_start=warm))
    assert training_facts(content._replace(training=training))[0] == (
        "Started from",
        "17: 3 of 4 variables",
    )
    assert "Started from" not in dict(training_facts(content))


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
