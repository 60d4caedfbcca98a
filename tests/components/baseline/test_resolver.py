"""A real local pipeline, run again and again: what is the baseline, what runs, what is pushed."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import ml_metadata as mlmd
import pytest
from ml_metadata import proto
from tfx.components.evaluator import constants
from tfx.components.pusher.component import Pusher
from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.dsl.components.common.resolver import Resolver
from tfx.orchestration.local.local_dag_runner import LocalDagRunner
from tfx.orchestration.metadata import sqlite_metadata_connection_config
from tfx.orchestration.pipeline import Pipeline
from tfx.proto.pusher_pb2 import PushDestination
from tfx.types import Artifact, BaseChannel, standard_artifacts

from mocogan.components.baseline.resolver import (
    PreviousBlessedModelStrategy,
    latest_blessed_model,
    previous_blessed_model,
)


@component
def Training(rate: Parameter[str], model: OutputArtifact[standard_artifacts.Model]) -> None:
    folder = Path(model.uri) / "Format-Serving"
    folder.mkdir(parents=True)
    (folder / "saved_model.pb").write_text(rate)


@component
def Evaluation(
    model: InputArtifact[standard_artifacts.Model],
    bless: Parameter[int],
    blessing: OutputArtifact[standard_artifacts.ModelBlessing],
    baseline_model: InputArtifact[standard_artifacts.Model] = None,
) -> None:
    baseline = Path(baseline_model.uri) / "Format-Serving" if baseline_model else None
    blessing.set_int_custom_property(constants.ARTIFACT_PROPERTY_BLESSED_KEY, bless)
    blessing.set_int_custom_property(constants.ARTIFACT_PROPERTY_CURRENT_MODEL_ID_KEY, model.id)
    blessing.set_string_custom_property(
        "baseline", (baseline / "saved_model.pb").read_text() if baseline else ""
    )


class Runs:
    """One pipeline's folder, in which it runs several times."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._metadata = sqlite_metadata_connection_config(str(folder / "metadata.db"))

    def run(
        self,
        rate: str,
        resolver: Callable[[BaseChannel], Resolver] = previous_blessed_model,
        bless: int = 1,
    ) -> Counter[str]:
        """Runs once. -> the nodes that did work, by type: not the cached, nor the resolver."""
        before = self._executions()
        training = Training(rate=rate)
        baseline = resolver(training.outputs["model"])
        evaluation = Evaluation(
            model=training.outputs["model"], bless=bless, baseline_model=baseline.outputs["model"]
        )
        pusher = Pusher(
            model=training.outputs["model"],
            model_blessing=evaluation.outputs["blessing"],
            push_destination=PushDestination(
                filesystem=PushDestination.Filesystem(base_directory=str(self._folder / "pushed"))
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
        """The rate the newest evaluation's baseline was trained with, or nothing."""
        blessings = self._store().get_artifacts_by_type("ModelBlessing")
        newest = max(blessings, key=lambda blessing: blessing.id)
        return newest.custom_properties["baseline"].string_value

    def models(self) -> list[Path]:
        models = sorted(self._store().get_artifacts_by_type("Model"), key=lambda model: model.id)
        return [Path(model.uri) for model in models]

    def _store(self) -> mlmd.MetadataStore:
        return mlmd.MetadataStore(self._metadata)

    def _executions(self) -> Counter[str]:
        if not (self._folder / "metadata.db").exists():
            return Counter()
        store = self._store()
        names = {kind.id: kind.name.rpartition(".")[2] for kind in store.get_execution_types()}
        return Counter(
            names[execution.type_id]
            for execution in store.get_executions()
            if execution.last_known_state == proto.Execution.COMPLETE
            and names[execution.type_id] != "Resolver"
        )


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path)


EVERY_NODE = {"Training": 1, "Evaluation": 1, "Pusher": 1}


def test_the_first_run_has_no_baseline_and_an_unchanged_second_run_does_nothing(runs: Runs) -> None:
    assert runs.run("1e-4") == EVERY_NODE
    assert runs.baseline() == ""
    assert runs.run("1e-4") == {}
    assert runs.run("1e-4") == {}


def test_the_baseline_of_a_changed_candidate_is_the_model_before_it(runs: Runs) -> None:
    runs.run("1e-4")
    assert runs.run("2e-4") == EVERY_NODE
    assert runs.baseline() == "1e-4"
    assert runs.run("2e-4") == {}


def test_a_model_that_was_not_blessed_is_no_baseline(runs: Runs) -> None:
    runs.run("1e-4")
    runs.run("2e-4", bless=0)
    runs.run("3e-4")
    assert runs.baseline() == "1e-4"


def test_an_older_model_is_compared_with_the_one_in_use(runs: Runs) -> None:
    runs.run("1e-4")
    runs.run("2e-4")
    assert runs.run("1e-4") == {"Evaluation": 1, "Pusher": 1}
    assert runs.baseline() == "2e-4"
    assert runs.run("1e-4") == {}
    runs.run("3e-4")
    assert runs.baseline() == "1e-4"


def test_a_model_whose_files_are_gone_is_no_baseline(runs: Runs) -> None:
    runs.run("1e-4")
    runs.run("2e-4")
    for path in (*runs.models()[1].glob("*/*"), *runs.models()[1].glob("*"), runs.models()[1]):
        path.unlink() if path.is_file() else path.rmdir()
    runs.run("3e-4")
    assert runs.baseline() == "1e-4"


def test_the_builtin_strategy_does_run_an_unchanged_pipeline_again(runs: Runs) -> None:
    runs.run("1e-4", latest_blessed_model)
    assert runs.run("1e-4", latest_blessed_model) == {"Evaluation": 1, "Pusher": 1}


def _artifact(kind: type[Artifact], number: int, uri: Path) -> Artifact:
    artifact = kind()
    artifact.id, artifact.uri = number, str(uri)
    return artifact


def _blessing(number: int, uri: Path, model: int, blessed: int) -> Artifact:
    artifact = _artifact(standard_artifacts.ModelBlessing, number, uri)
    artifact.set_int_custom_property(constants.ARTIFACT_PROPERTY_CURRENT_MODEL_ID_KEY, model)
    artifact.set_int_custom_property(constants.ARTIFACT_PROPERTY_BLESSED_KEY, blessed)
    return artifact


def test_strategy_takes_the_last_blessing_of_another_model(tmp_path: Path) -> None:
    models = [_artifact(standard_artifacts.Model, number, tmp_path) for number in (1, 2, 3)]
    blessings = [
        _blessing(number, tmp_path, model, blessed)
        for number, model, blessed in [(4, 2, 1), (5, 1, 1), (6, 2, 0), (7, 3, 1)]
    ]
    resolved = PreviousBlessedModelStrategy().resolve_artifacts(
        None, {"model": models, "model_blessing": blessings, "candidate": [models[2]]}
    )
    assert {key: [artifact.id for artifact in value] for key, value in resolved.items()} == {
        "model": [1],
        "model_blessing": [5],
        "candidate": [3],
    }
