"""The whole pipeline, for real and tiny, with its records in a database."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml

from mocogan.data.synthetic.shapes import write_shape_motion
from mocogan.pipeline.metadata.runs import RunReader
from tests.support.commands import MOCOGAN
from tests.support.database_servers import PASSWORD, DatabaseServer, mariadb, postgresql
from tests.support.tiny_pipeline import tiny_options

__all__ = ["mariadb", "postgresql"]
pytestmark = pytest.mark.exhaustive


@pytest.fixture(params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> DatabaseServer:
    found: DatabaseServer = request.getfixturevalue(request.param)
    return found


def test_runs_go_to_the_database_and_the_password_goes_nowhere(
    server: DatabaseServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    write_shape_motion(tmp_path / "videos", num_videos=8, seed=0, num_frames=12, size=16)
    address = server.new_database().address
    config = tmp_path / "my.yaml"
    config.write_text(yaml.safe_dump(tiny_options() | {"metadata": address}))
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    monkeypatch.setenv("MOCOGAN_METADATA_PASSWORD_FILE", str(tmp_path / "password"))

    first, again = (mocogan("run", "--json", "--config", str(config)) for _ in range(2))

    assert json.loads(first)["state"] == "done"
    assert {node["state"] for node in json.loads(again)["nodes"]} == {"cached"}
    out = tmp_path / "out"
    newest, oldest = RunReader(out).newest()
    assert (newest.state, oldest.state) == ("done", "done")
    assert oldest.output("pushed_model") is not None
    assert (out / "site" / "index.html").is_file()
    assert not (out / "tfx_metadata" / "metadata.db").exists()
    written = [path for path in out.rglob("*") if path.is_file()]
    secret = PASSWORD[:8].encode()
    assert len(written) > 100
    assert not [path for path in written if secret in path.read_bytes()]
    assert f"metadata: {address}\n" in (out / "config.yaml").read_text()


def mocogan(*arguments: str) -> str:
    """Runs the command with a log of everything. Returns what it prints for programs."""
    done = subprocess.run(
        [MOCOGAN, *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "MOCOGAN_VERBOSE": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert PASSWORD[:8] not in done.stdout + done.stderr
    return done.stdout
