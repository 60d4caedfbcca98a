"""A real local pipeline, run again and again: what comes from the cache, and what is pushed again."""

from __future__ import annotations

import shutil
from pathlib import Path

import ml_metadata as mlmd
import pytest
from ml_metadata import proto
from tfx.dsl.components.common.importer import Importer
from tfx.orchestration.local.local_dag_runner import LocalDagRunner
from tfx.orchestration.metadata import sqlite_metadata_connection_config
from tfx.orchestration.pipeline import Pipeline
from tfx.proto.pusher_pb2 import PushDestination
from tfx.types import standard_artifacts

from mocogan.components.model_pusher.component import Pusher
from mocogan.components.model_pusher.rollback import roll_back
from mocogan.components.model_pusher.versions import list_versions
from tests.support.constant_model import save_constant


class Runs:
    """A pipeline that pushes one model."""

    def __init__(self, folder: Path) -> None:
        self.serving = folder / "serving"
        self._folder = folder
        self._metadata = sqlite_metadata_connection_config(str(folder / "metadata.db"))
        save_constant(folder / "model", 1)

    def run(self) -> str:
        """Runs the pipeline. Returns the state of the Pusher's execution."""
        importer = Importer(
            source_uri=str(self._folder / "model"), artifact_type=standard_artifacts.Model
        ).with_id("model")
        pusher = Pusher(
            model=importer.outputs["result"],
            push_destination=PushDestination(
                filesystem=PushDestination.Filesystem(base_directory=str(self.serving))
            ),
        )
        LocalDagRunner().run(
            Pipeline(
                pipeline_name="test",
                pipeline_root=str(self._folder / "root"),
                components=[importer, pusher],
                metadata_connection_config=self._metadata,
                enable_cache=True,
            )
        )
        store = mlmd.MetadataStore(self._metadata)
        types = {kind.id: kind.name for kind in store.get_execution_types()}
        newest = max(
            (e for e in store.get_executions() if types[e.type_id].endswith("Pusher")),
            key=lambda execution: execution.id,
        )
        return proto.Execution.State.Name(newest.last_known_state)

    def versions(self) -> list[str]:
        return list_versions(str(self.serving))


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path)


@pytest.mark.slow
def test_a_version_is_pushed_again_only_when_it_is_gone(runs: Runs) -> None:
    assert runs.run() == "COMPLETE"
    (first,) = runs.versions()
    assert runs.run() == "CACHED"
    assert runs.versions() == [first]
    shutil.rmtree(runs.serving / first)
    assert runs.run() == "COMPLETE"
    assert len(runs.versions()) == 1
    shutil.rmtree(runs.serving)
    assert runs.run() == "COMPLETE"
    assert runs.run() == "CACHED"
    assert len(runs.versions()) == 1


@pytest.mark.slow
def test_an_unchanged_run_does_not_undo_a_rollback(runs: Runs, tmp_path: Path) -> None:
    (runs.serving / "5").mkdir(parents=True)
    shutil.copytree(save_constant(tmp_path / "other", 2), runs.serving / "5", dirs_exist_ok=True)
    runs.run()
    newest = roll_back(str(runs.serving)).pushed.manifest.version
    assert runs.run() == "CACHED"
    assert runs.versions()[-1] == newest
