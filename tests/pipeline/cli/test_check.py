from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from mocogan.pipeline.cli.main import cli
from tests.support.run_folders import write_runs


def test_the_exit_status_tells_of_problems(tmp_path: Path):
    new = CliRunner().invoke(cli, ["check", str(tmp_path / "new")])
    assert new.exit_code == 0, new.output
    assert f"no run yet in {tmp_path}/new" in new.output
    assert not (tmp_path / "new").exists()
    out = write_runs(tmp_path / "out")
    found = CliRunner().invoke(cli, ["check", str(out)])
    assert found.exit_code == 1
    assert "problem: run 4 was killed: " in found.output
    assert "`mocogan check --fix` marks it failed" in found.output


def test_json_has_a_level_for_each_finding(tmp_path: Path):
    out = write_runs(tmp_path)
    found = json.loads(CliRunner().invoke(cli, ["check", str(out), "--fix", "--json"]).output)
    assert {finding["level"] for finding in found} <= {"ok", "warning", "problem"}
    (runs, killed) = [finding for finding in found if finding["area"] == "runs"]
    assert (runs["text"], killed["level"]) == ("6 runs", "ok")
    assert killed["text"].startswith("run 4 was killed: marked MoCoGanTrainer")
