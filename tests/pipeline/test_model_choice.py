"""Which model a command takes, in folders as Pusher and the trainer write them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mocogan.components.model_pusher.manifest import model_sha256
from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.model_choice import choose_model, find_saved_model
from tests.support.constant_model import save_constant
from tests.support.manifests import write_manifest
from tests.support.metadata_store import Recorder
from tests.support.model_description import DESCRIPTION


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SavedModel."""
    return Path(save_constant(tmp_path_factory.mktemp("saved"), 7))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """The output folder of runs, without a model."""
    folder = tmp_path / "out"
    (folder / "tfx_metadata").mkdir(parents=True)
    return folder


def record_models(out: Path, saved: Path, blessed: list[bool]) -> list[str]:
    """Records trained models and the blessing of each. Returns their SavedModels."""
    recorder = Recorder(out / "tfx_metadata" / "metadata.db")
    folders = []
    for number, is_blessed in enumerate(blessed):
        uri = out / "tfx_pipeline_output" / "MoCoGanTrainer" / "model" / str(number)
        shutil.copytree(saved, uri / "Format-Serving")
        model = recorder.artifact("Model", uri=str(uri))
        recorder.artifact("ModelBlessing", blessed=int(is_blessed), current_model_id=model)
        folders.append(f"{uri}/Format-Serving")
    return folders


def push(out: Path, saved: Path, name: str, version: int) -> str:
    folder = out / "serving_model" / name / str(version)
    shutil.copytree(saved, folder)
    return str(folder)


def refusal(model: Path | str | None, force: bool = False) -> str:
    with pytest.raises(ExpectedError) as caught:
        choose_model(None if model is None else str(model), force)
    (line,) = str(caught.value).splitlines()
    return line


def test_the_newest_version_is_the_one_with_the_largest_number(tmp_path: Path):
    for version in ("9", "10", "latest"):
        (tmp_path / version).mkdir()
        (tmp_path / version / "saved_model.pb").touch()
    (tmp_path / "11").mkdir()  # an unfinished push
    assert find_saved_model(str(tmp_path)) == f"{tmp_path}/10"
    assert find_saved_model(f"{tmp_path}/9/") == f"{tmp_path}/9/"
    assert find_saved_model(f"{tmp_path}/11") is None
    assert find_saved_model(f"{tmp_path}/missing") is None


def test_a_saved_model_is_taken_as_it_is(saved: Path):
    chosen = choose_model(str(saved))
    assert (chosen.folder, chosen.note) == (str(saved), None)
    assert chosen.description == DESCRIPTION
    assert chosen.sha256 == model_sha256(str(saved))


def test_the_newest_pushed_version_of_an_output_folder(out: Path, saved: Path):
    push(out, saved, "mocogan", 9)
    newest = push(out, saved, "other", 11)
    push(out, saved, "mocogan", 10)
    (out / "serving_model" / "mocogan" / "12").mkdir()  # an unfinished push
    (out / "serving_model" / "empty").mkdir()
    assert choose_model(str(out)).folder == newest
    assert choose_model(str(out)).note is None


def test_without_a_pushed_version_the_model_that_was_blessed_last(out: Path, saved: Path):
    models = record_models(out, saved, [True, True, False])
    chosen = choose_model(str(out))
    assert chosen.folder == models[1]
    assert chosen.note == f"the model {models[1]} is not pushed"


def test_force_takes_the_newest_trained_model(out: Path, saved: Path):
    models = record_models(out, saved, [True, False])
    push(out, saved, "mocogan", 1)
    chosen = choose_model(str(out), force=True)
    assert chosen.folder == models[1]
    assert chosen.note == f"the model {models[1]} is not blessed"


def test_force_takes_a_blessed_model_without_a_note(out: Path, saved: Path):
    models = record_models(out, saved, [False, True])
    push(out, saved, "mocogan", 1)
    chosen = choose_model(str(out), force=True)
    assert (chosen.folder, chosen.note) == (models[1], None)


def test_an_output_folder_can_be_moved(out: Path, saved: Path, tmp_path: Path):
    record_models(out, saved, [True])
    moved = out.rename(tmp_path / "moved")
    assert choose_model(str(moved)).folder.startswith(f"{moved}/tfx_pipeline_output/")


def test_the_default_is_the_folder_output(
    out: Path, saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    assert refusal(None) == (
        "there is no model in output. Make one with `mocogan run --data DIR` or `make demo`, or name one"
    )
    push(out.rename(tmp_path / "output"), saved, "mocogan", 1)
    assert choose_model(None).folder == "output/serving_model/mocogan/1"


def test_no_model_that_may_be_used(out: Path, saved: Path, tmp_path: Path):
    assert "no ML Metadata store at " in refusal(out)
    Recorder(out / "tfx_metadata" / "metadata.db")
    assert refusal(out).startswith(f"no model in {out} is trained yet. Make one with ")
    assert "is trained yet" in refusal(out, force=True)
    record_models(out, saved, [False, False])
    assert refusal(out) == (
        f"no model in {out} is blessed, so none is pushed. Use --force to take the newest trained model"
    )
    shutil.rmtree(out / "tfx_pipeline_output")
    assert "the files of the models in " in refusal(out, force=True)


def test_what_is_no_model(tmp_path: Path):
    assert refusal(tmp_path).startswith(f"{tmp_path} contains no model. Give a SavedModel, ")
    assert refusal(tmp_path / "missing").startswith(f"{tmp_path}/missing does not exist")
    (tmp_path / "file").touch()
    assert "contains no model" in refusal(tmp_path / "file")
    assert refusal("") == "MODEL is empty. Give a SavedModel or the output folder of a run"


def test_a_pushed_version_is_verified(out: Path, saved: Path):
    folder = push(out, saved, "mocogan", 1)
    manifest = write_manifest(folder)
    assert choose_model(str(out)).sha256 == manifest.model_sha256
    with open(f"{folder}/saved_model.pb", "ab") as file:
        file.write(b"!")
    assert "saved_model.pb has changed, so this is not the pushed model" in refusal(out)


def test_a_damaged_model_is_refused(saved: Path, tmp_path: Path):
    folder = tmp_path / "model"
    shutil.copytree(saved, folder)
    (folder / "saved_model.pb").write_bytes(b"no graph")
    assert "saved_model.pb is not a valid SavedModel" in refusal(folder)
