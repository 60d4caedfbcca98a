"""The pipeline by the command line of TFX."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.pipeline_project import RUNNER, Project, assert_every_node_ran_once

pytestmark = [pytest.mark.slow, pytest.mark.exhaustive]


def test_the_tfx_command_line_creates_and_runs_the_pipeline(tmp_path: Path):
    project = Project(tmp_path)
    project.write_videos()
    project.configure(architecture="seed")
    created = project.command(
        "tfx", "pipeline", "create", "--engine=local", f"--pipeline_path={RUNNER}"
    )
    assert created.returncode == 0, created.stderr
    assert 'Pipeline "mocogan" created successfully.' in created.stdout
    assert not [path for path in project.out.rglob("*") if path.is_file()], "it must run nothing"
    run = project.finished(
        project.command("tfx", "run", "create", "--engine=local", "--pipeline_name=mocogan")
    )
    assert_every_node_ran_once(run)
    assert len(run.pushed) == 1
