"""A real local pipeline, run again and again: what is the baseline, what runs, what is pushed."""

import shutil
from collections import Counter
from pathlib import Path

import ml_metadata as mlmd
import pytest
from ml_metadata import proto
from tfx.components.evaluator import constants
from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.orchestration.local.local_dag_runner import LocalDagRunner
from tfx.orchestration.metadata import sqlite_metadata_connection_config
from tfx.orchestration.pipeline import Pipeline
from tfx.proto.pusher_pb2 import PushDestination
from tfx.types import standard_artifacts

from mocogan.components.artifact_types import BaselineModel
from mocogan.components.baseline.component import BaselineFinder
from mocogan.components.baseline.found import found_baseline
from mocogan.components.model_pusher.component import Pusher
from mocogan.components.model_pusher.rollback import roll_back
from mocogan.components.model_pusher.versions import list_versions

pytestmark = pytest.mark.slow


@component
def Training(source: Parameter[str], model: OutputArtifact[standard_artifacts.Model]) -> None:
    shutil.copytree(source, Path(model.uri) / "Format-Serving")
    model.set_string_custom_property(
        "trainer_config", f'{{"source": "{Path(source).parent.name}"}}'
    )


@component
def Evaluation(
    model: InputArtifact[standard_artifacts.Model],
    baseline_model: InputArtifact[BaselineModel],
    bless: Parameter[int],
    blessing: OutputArtifact[standard_artifacts.ModelBlessing],
) -> None:
    baseline = found_baseline([baseline_model])
    blessing.set_int_custom_property(constants.ARTIFACT_PROPERTY_BLESSED_KEY, bless)
    if baseline is not None:
        assert (Path(baseline.uri) / "Format-Serving/saved_model.pb").exists()
    blessing.set_string_custom_property(
        "baseline", baseline.get_string_custom_property("trainer_config") if baseline else ""
    )


class Runs:
    """One pipeline's folder, in which it runs several times."""

    def __init__(self, folder: Path, models: list[str]) -> None:
        self.serving = folder / "pushed"
        self._folder, self._models = folder, models
        self._metadata = sqlite_metadata_connection_config(str(folder / "metadata.db"))

    def run(self, model: int, bless: int = 1) -> Counter[str]:
        """Runs once. Returns the nodes that did work, by type: not the cached."""
        before = self._executions()
        training = Training(source=self._models[model])
        baseline = BaselineFinder(
            candidate=training.outputs["model"], serving_model_dir=str(self.serving)
        )
        evaluation = Evaluation(
            model=training.outputs["model"],
            bless=bless,
            baseline_model=baseline.outputs["baseline_model"],
        )
        pusher = Pusher(
            model=training.outputs["model"],
            model_blessing=evaluation.outputs["blessing"],
            push_destination=PushDestination(
                filesystem=PushDestination.Filesystem(base_directory=str(self.serving))
            ),
        )
        LocalDagRunner().run(
            Pipeline(
                pipeline_name="test",
                pipeline_root=str(self._folder / "root"),
                components=[training, baseline, evaluation, pusher],
                metadata_connection_config=self._metadata,
                enable_cache=True,
            )
        )
        return self._executions() - before

    def baseline(self) -> str:
        """The model that was the baseline of the newest evaluation, or nothing."""
        blessings = mlmd.MetadataStore(self._metadata).get_artifacts_by_type("ModelBlessing")
        newest = max(blessings, key=lambda blessing: blessing.id)
        return newest.custom_properties["baseline"].string_value

    def _executions(self) -> Counter[str]:
        if not (self._folder / "metadata.db").exists():
            return Counter()
        store = mlmd.MetadataStore(self._metadata)
        names = {kind.id: kind.name.rpartition(".")[2] for kind in store.get_execution_types()}
        return Counter(
            names[execution.type_id]
            for execution in store.get_executions()
            if execution.last_known_state == proto.Execution.COMPLETE
        )


@pytest.fixture
def runs(tmp_path: Path, models: list[str]) -> Runs:
    return Runs(tmp_path, models)


EVERY_NODE = {"Training": 1, "BaselineFinder": 1, "Evaluation": 1, "Pusher": 1}
NO_TRAINING = {"BaselineFinder": 1, "Evaluation": 1, "Pusher": 1}


def config(model: int) -> str:
    return f'{{"source": "{model}"}}'


def test_the_first_run_has_no_baseline_and_an_unchanged_second_run_does_nothing(runs: Runs) -> None:
    assert runs.run(0) == EVERY_NODE
    assert runs.baseline() == ""
    assert runs.run(0) == {}
    assert len(list_versions(str(runs.serving))) == 1


def test_the_baseline_is_the_model_in_use_and_never_the_candidate(runs: Runs) -> None:
    runs.run(0)
    assert runs.run(1) == EVERY_NODE
    assert runs.baseline() == config(0)
    assert runs.run(1) == {}
    assert runs.run(0) == NO_TRAINING  # an older model
    assert runs.baseline() == config(1)
    assert runs.run(0) == {}
    runs.run(2)
    assert runs.baseline() == config(0)


def test_a_model_that_was_not_blessed_is_no_baseline(runs: Runs) -> None:
    runs.run(0)
    runs.run(1, bless=0)
    runs.run(2)
    assert runs.baseline() == config(0)


def test_after_a_rollback_the_model_in_use_is_the_baseline(runs: Runs) -> None:
    runs.run(0)
    runs.run(1)
    roll_back(str(runs.serving), None)
    runs.run(2)
    assert runs.baseline() == config(0)
