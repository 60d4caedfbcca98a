from __future__ import annotations

from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.runners.next_commands import next_command_rows

CONFIG = Config(data="/my videos", out="/out")


def test_a_pushed_model_is_looked_at_generated_from_evaluated_and_traced():
    assert next_command_rows(CONFIG, pushed=True) == [
        ("next", "mocogan report /out"),
        ("", "mocogan generate /out"),
        ("", "mocogan evaluate /out/serving_model/mocogan --data '/my videos'"),
        ("", "mocogan lineage --out /out"),
    ]


def test_a_model_that_is_not_pushed_needs_force():
    assert next_command_rows(CONFIG, pushed=False) == [
        ("next", "mocogan report /out"),
        ("", "mocogan generate /out --force"),
        ("", "mocogan lineage Model --out /out"),
    ]
