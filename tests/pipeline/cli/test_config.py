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
