from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from mocogan.pipeline.config.settings import (
    CONFIG_VARIABLE,
    PRESETS,
    ConfigError,
    config_from_environment,
    known_keys,
    load_config,
)


def write(folder: Path, text: str) -> str:
    path = folder / "my.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_folders_of_a_file_are_relative_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = write(tmp_path, "data: videos\nout: results\n")
    monkeypatch.chdir("/")
    config = load_config(path)
    assert config.data == str(tmp_path / "videos")
    assert config.serving_model_dir == str(tmp_path / "results/serving_model/mocogan")


def test_folders_of_the_command_line_are_relative_to_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    config = load_config(data="videos")
    assert (config.data, config.out) == (str(tmp_path / "videos"), str(tmp_path / "output"))


def test_remote_folders_stay_as_they_are():
    assert load_config(data="gs://bucket/videos").data == "gs://bucket/videos"


def test_later_layers_win_key_by_key(tmp_path: Path):
    path = write(tmp_path, "preset: paper\ndata: v\ntrainer: {steps: 7, batch_size: 3}\n")
    config = load_config(path, assignments=["trainer.steps=9"])
    assert (config.trainer.steps, config.trainer.batch_size) == (9, 3)
    assert config.trainer.dim_motion == 10
    assert config.preset == "paper"


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_is_a_whole_configuration_that_survives_saving(preset: str, tmp_path: Path):
    config = load_config(preset=preset, data="v", out=str(tmp_path))
    assert load_config(write(tmp_path, config.to_yaml())) == config


@pytest.mark.parametrize(
    ("assignment", "expected"),
    [
        ("trainer.stepz=5", "did you mean trainer.steps?"),
        ("decoder=tfio", "did you mean ingest.decoder?"),
        ("trainers.steps=5", "did you mean trainer.steps?"),
        ("trainer.steps=-1", "trainer.steps: .* got -1"),
        ("ingest.num_frames=many", "ingest.num_frames: .* got 'many'"),
        (
            "trainer.content_modulation=true",
            "trainer.content_modulation is no switch but hidden layers .* got true",
        ),
        ("cache=1.5", "cache: .* got 1.5"),
        ("trainer.steps", "--set takes key=value"),
        ("trainer=5", "trainer: .* got 5"),
        ("cache.on=x", "unknown key 'cache.on'"),
    ],
)
def test_a_bad_assignment_is_refused_with_the_fix(assignment: str, expected: str):
    with pytest.raises(ConfigError, match=expected):
        load_config(data="v", assignments=[assignment])


def test_rules_between_keys_name_both_values():
    with pytest.raises(ConfigError, match=r"fps=5.0 and frame_stride=2 exclude each other"):
        load_config(data="v", assignments=["ingest.fps=5", "ingest.frame_stride=2"])


def test_missing_data_says_what_it_is():
    with pytest.raises(ConfigError, match="data is missing: folder of videos"):
        load_config()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: [", "cannot read"),
        ("just text", "must hold keys"),
        ("preset: fast", "no preset 'fast'"),
    ],
)
def test_a_bad_file_is_refused(text: str, expected: str, tmp_path: Path):
    with pytest.raises(ConfigError, match=expected):
        load_config(write(tmp_path, text), data="v")


def test_a_missing_file_is_refused(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"cannot read the configuration .*none\.yaml"):
        load_config(str(tmp_path / "none.yaml"))


def test_the_environment_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(CONFIG_VARIABLE, raising=False)
    with pytest.raises(ConfigError, match="MOCOGAN_CONFIG is not set"):
        config_from_environment()
    monkeypatch.setenv(CONFIG_VARIABLE, write(tmp_path, "data: v\n"))
    assert config_from_environment().data == str(tmp_path / "v")


def test_every_key_has_a_meaning():
    saved = yaml.safe_load(load_config(data="v").to_yaml())
    assert {key.split(".")[0] for key in known_keys()} == set(saved)
