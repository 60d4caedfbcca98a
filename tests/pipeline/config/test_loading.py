from __future__ import annotations

from pathlib import Path

import pytest

from mocogan.pipeline.config.loading import (
    CONFIG_VARIABLE,
    ConfigError,
    config_from_environment,
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


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("none", "none"),
        ("latest", "latest"),
        ("gs://bucket/17", "gs://bucket/17"),
        ("models/17", "HERE/models/17"),
        ("./latest", "HERE/latest"),
    ],
)
def test_the_model_to_start_from_is_a_word_or_a_folder(tmp_path: Path, given: str, expected: str):
    path = tmp_path / "my.yaml"
    path.write_text(f"data: v\ntrainer: {{run: {{warm_start: {given}}}}}\n")
    start = load_config(str(path)).trainer.run.warm_start
    assert start == expected.replace("HERE", str(tmp_path.resolve()))


def test_remote_folders_stay_as_they_are():
    assert load_config(data="gs://bucket/videos").data == "gs://bucket/videos"


def test_later_layers_win_key_by_key(tmp_path: Path):
    path = write(tmp_path, "preset: paper\ndata: v\ntrainer: {run: {steps: 7, batch_size: 3}}\n")
    config = load_config(path, assignments=["trainer.run.steps=9"])
    assert (config.trainer.run.steps, config.trainer.run.batch_size) == (9, 3)
    assert config.trainer.model.dim_z_motion == 10
    assert config.preset == "paper"


def test_a_fallback_preset_is_for_those_who_name_none(tmp_path: Path):
    named = write(tmp_path, "preset: paper\ndata: v\n")
    assert load_config(named, fallback_preset="demo").preset == "paper"
    assert load_config(data="v", preset="seed", fallback_preset="demo").preset == "seed"
    fallen_back = load_config(data="v", fallback_preset="demo")
    assert (fallen_back.preset, fallen_back.trainer.run.steps) == ("demo", 1500)


@pytest.mark.parametrize(
    ("assignment", "expected"),
    [
        ("trainer.stepz=5", "did you mean trainer.run.steps?"),
        ("trainer.run.batchsize=5", "did you mean trainer.run.batch_size?"),
        ("trainer.model.r1_gamma=5", "did you mean trainer.loss.r1_gamma?"),
        ("decoder=tfio", "did you mean ingest.decoder?"),
        ("trainers.steps=5", "did you mean trainer.run.steps?"),
        ("trainer.run.steps=-1", "trainer.run.steps=-1 must be greater than or equal to 1"),
        ("ingest.num_frames=many", "ingest.num_frames='many' must be a valid integer"),
        (
            "trainer.run.steps=true",
            "trainer.run.steps=true must not be true or false. Meaning: number of training steps",
        ),
        (
            "trainer.model.film_layers=false",
            "trainer.model.film_layers=false must not be true or false. Meaning: number of last hidden layers",
        ),
        (
            "trainer.model.video_downsample=true",
            "video_downsample=true must not be true or false",
        ),
        (
            "trainer.model.discriminator_norm=true",
            "discriminator_norm=true must not be true or false",
        ),
        ("cache=1.5", "cache=1.5 must be a valid boolean"),
        ("trainer.run.steps", "--set trainer.run.steps: the argument must be key=value"),
        ("trainer.run.steps=[", "cannot read the value"),
        ("trainer.run=5", "trainer.run=5 must be a valid dictionary"),
        ("trainer=5", "trainer=5 must be a valid dictionary"),
        ("cache.on=x", "unknown key 'cache.on'"),
        ("trainer.run.max_minutes=.inf", "trainer.run.max_minutes=inf must be a finite number"),
        ("trainer.loss.r1_gamma=.nan", "trainer.loss.r1_gamma=nan must be a finite number"),
        ("ingest.fps=.inf", "ingest.fps=inf must be a finite number"),
        ("evaluator.max_damage=.inf", "evaluator.max_damage=inf must be a finite number"),
        ("infra_validator.max_seconds=.inf", "max_seconds=inf must be a finite number"),
        ("trainer.optimizer.betas=[.nan, 0.9]", "betas.0=nan must be a finite number"),
        ("trainer.run.steps=3000000000", "steps=3000000000 must be less than or equal to 2147"),
    ],
)
def test_a_bad_assignment_is_refused_with_the_fix(assignment: str, expected: str):
    with pytest.raises(ConfigError, match=expected):
        load_config(data="v", assignments=[assignment])


@pytest.mark.parametrize("value", ["true", "false"])
def test_an_option_that_may_be_null_takes_true_and_false(value: str):
    config = load_config(data="v", assignments=[f"trainer.model.frame_difference={value}"])
    assert config.trainer.model.frame_difference is (value == "true")


def test_all_problems_are_reported_at_once():
    assignments = ["trainer.stepz=1", "trainer.width=16", "trainer.run.seed=true"]
    with pytest.raises(ConfigError) as refused:
        load_config(data="v", assignments=assignments)
    first, second, third = str(refused.value).splitlines()
    assert "unknown key 'trainer.stepz'" in first
    assert second == "trainer.width is now trainer.model.base_channels"
    assert third.startswith("trainer.run.seed=true must not be true or false")


def test_a_value_and_a_section_of_the_same_name_are_refused():
    with pytest.raises(ConfigError, match="loss has the value 'hinge' from another --set"):
        load_config(data="v", assignments=["trainer.loss=hinge", "trainer.loss.r1_gamma=0"])


def test_rules_between_keys_name_both_values():
    with pytest.raises(ConfigError, match=r"fps=5.0 and frame_stride=2 exclude each other"):
        load_config(data="v", assignments=["ingest.fps=5", "ingest.frame_stride=2"])


def test_missing_data_says_what_it_is():
    with pytest.raises(ConfigError, match="data is missing: folder of videos"):
        load_config()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "a: [",
            r"my\.yaml, line 1, column 5: expected the node content, but found '<stream end>'",
        ),
        (
            "a: 1\nb: [1\nc: 2",
            r"my\.yaml, line 3, column 2: expected ',' or ']', but got ':' while",
        ),
        (
            "a: 1\n\tb: 2",
            r"my\.yaml, line 2, column 1: found character '\\t' that cannot start any",
        ),
        ("a: \x07", r"my\.yaml: unacceptable character #x0007: special characters are not allowed"),
        ("[" * 5000, r"my\.yaml: lists or mappings are nested too deeply"),
        ("just text", "must contain keys"),
        ("preset: fast", "preset=fast must be one of demo"),
    ],
)
def test_a_bad_file_is_refused_in_one_line(text: str, expected: str, tmp_path: Path):
    with pytest.raises(ConfigError, match=expected) as refused:
        load_config(write(tmp_path, text), data="v")
    assert "\n" not in str(refused.value)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path):
    (tmp_path / "my.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"my\.yaml: the file is not UTF-8 text"):
        load_config(str(tmp_path / "my.yaml"), data="v")


def test_a_folder_that_is_null_is_missing(tmp_path: Path):
    path = write(tmp_path, "data: null\n")
    with pytest.raises(ConfigError, match="data is missing: folder of videos"):
        load_config(path)
    assert load_config(path, data="/v").data == "/v"


def test_a_missing_file_is_refused(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"cannot read the configuration .*none\.yaml"):
        load_config(str(tmp_path / "none.yaml"))


def test_the_environment_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(CONFIG_VARIABLE, raising=False)
    with pytest.raises(ConfigError, match="MOCOGAN_CONFIG is not set"):
        config_from_environment()
    monkeypatch.setenv(CONFIG_VARIABLE, write(tmp_path, "data: v\n"))
    assert config_from_environment().data == str(tmp_path / "v")
