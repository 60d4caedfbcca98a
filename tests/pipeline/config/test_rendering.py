from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from mocogan.components.settings import known_keys
from mocogan.pipeline.config.loading import load_config
from mocogan.pipeline.config.rendering import to_yaml
from mocogan.pipeline.config.settings import PRESETS, Config

EVERY_ARCHITECTURE = [
    [f"trainer.model.architecture={name}"] for name in ("palette", "mocogan", "seed")
]
NO_PENALTIES = ["trainer.loss.r1_gamma=0", "trainer.loss.r2_gamma=0"]


@pytest.mark.parametrize("preset", [None, *PRESETS])
def test_the_output_loads_to_the_same_configuration(preset: str | None, tmp_path: Path):
    config = load_config(preset=preset, data="v", out=str(tmp_path))
    path = tmp_path / "my.yaml"
    path.write_text(to_yaml(config), encoding="utf-8")
    assert load_config(str(path)) == config


@pytest.mark.parametrize("assignments", EVERY_ARCHITECTURE, ids=str)
def test_options_that_an_architecture_does_not_have_load_again(
    assignments: list[str], tmp_path: Path
):
    config = load_config(data="v", assignments=[*assignments, *NO_PENALTIES])
    path = tmp_path / "my.yaml"
    path.write_text(to_yaml(config), encoding="utf-8")
    assert load_config(str(path)) == config


def test_unusual_values_load_again(tmp_path: Path):
    assignments = [
        "beam_args=['--a=b: c # d', '--runner=FnApiRunner']",
        "trainer.loss.diff_augment=[color, cutout]",
        "trainer.optimizer.weight_decay=1.0e-05",
        "ingest.fps=12.5",
    ]
    config = load_config(data="/videos: 'mine' # 2", assignments=assignments)
    path = tmp_path / "my.yaml"
    path.write_text(to_yaml(config), encoding="utf-8")
    assert load_config(str(path)) == config


@pytest.mark.parametrize("preset", [None, *PRESETS])
def test_no_line_is_over_110_columns(preset: str | None):
    lines = to_yaml(load_config(preset=preset, data="/v", out="/o")).splitlines()
    assert [line for line in lines if len(line) > 110] == []


def test_every_option_is_printed_in_its_section():
    printed = yaml.safe_load(to_yaml(load_config(data="v")))
    for key in known_keys(Config):
        *sections, name = key.split(".")
        section = printed
        for step in sections:
            section = section[step]
        assert name in section
    assert list(printed["trainer"]) == [
        "model",
        "loss",
        "optimizer",
        "checkpoint",
        "run",
        "diagnostics",
    ]


def test_a_comment_follows_its_option_or_stands_above_it():
    lines = to_yaml(load_config(data="/v")).splitlines()
    steps = next(line for line in lines if line.startswith("    steps:"))
    assert steps == "    steps: 20000                          # number of training steps [>= 1]"
    augment = lines.index("    diff_augment: []")
    assert lines[augment - 1].startswith("    # differentiable augmentations, ")
    assert lines[augment - 1].endswith(" [color, translation, cutout]")


def test_each_description_is_a_phrase_of_at_most_12_words():
    for name, text in _descriptions(Config):
        assert 0 < len(text.split()) <= 12, f"{name}: {text}"
        assert not text.endswith("."), f"{name}: {text}"


def _descriptions(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _descriptions(field.annotation)
        else:
            yield name, field.description or ""
