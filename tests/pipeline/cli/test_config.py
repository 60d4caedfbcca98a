from __future__ import annotations

import yaml

from tests.support.commands import run_mocogan


def test_config_prints_what_a_run_would_use():
    arguments = ["--preset", "paper", "--data", "/videos", "--set", "trainer.run.steps=9"]
    shown = run_mocogan("config", *arguments)
    assert shown.returncode == 0, shown.stderr
    values = yaml.safe_load(shown.stdout)
    assert (values["data"], values["trainer"]["run"]["steps"]) == ("/videos", 9)
    assert values["trainer"]["model"]["architecture"] == "mocogan"


def test_config_without_data_shows_the_defaults():
    shown = run_mocogan("config")
    assert shown.returncode == 0, shown.stderr
    values = yaml.safe_load(shown.stdout)
    assert values["data"] is None
    assert values["workers"] == 1


def test_workers_auto_is_shown_as_it_was_given():
    shown = run_mocogan("config", "/videos", "--set", "workers=auto")
    assert shown.returncode == 0, shown.stderr
    values = yaml.safe_load(shown.stdout)
    assert (values["data"], values["workers"]) == ("/videos", "auto")
