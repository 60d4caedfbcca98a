"""New versions are picked up as TensorFlow Serving does, and nothing that happens to the folder ends the server."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import tensorflow as tf
from tfx.components.infra_validator.error_types import ValidationFailed
from tfx.components.infra_validator.model_server_clients.tensorflow_serving_client import (
    TensorFlowServingClient,
)

from mocogan.data.verbosity import QUIET_VARIABLE
from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.serving.model.model_source import ModelSource, find_source
from mocogan.pipeline.serving.model.versions import Versions
from mocogan.pipeline.serving.server_metrics import ServerMetrics
from tests.support.served import Served, push_again
from tests.support.waiting import HANG_SECONDS

BODY = {"inputs": {"num_clips": 1, "seed": 7}}


def wait(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + HANG_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def states(served: Served) -> dict[str, str]:
    entries = served.get("/v1/models/mocogan").json["model_version_status"]
    return {entry["version"]: entry["state"] for entry in entries}


def clips(served: Served) -> tuple[str, bytes]:
    answer = served.predict(**BODY)
    assert answer.status == 200, answer.content
    return answer.headers["mocogan-version"], answer.content


def test_a_newer_version_replaces_the_one_before(
    serve: Callable[..., Served], models: tuple[str, str]
) -> None:
    served = serve()
    first = clips(served)
    (served.folder / "0x7").mkdir()  # no version, as for TensorFlow Serving
    (served.folder / "99999999999999999999").mkdir()  # no int64
    push_again(models[1], served.folder, 2)
    wait(lambda: states(served) == {"2": "AVAILABLE"})
    second = clips(served)
    assert (first[0], second[0]) == ("1", "2")
    assert first[1] != second[1]
    assert served.post("/v1/models/mocogan/versions/1:predict", BODY).status == 404
    TensorFlowServingClient(f"127.0.0.1:{served.server.grpc_port}", "mocogan").WaitUntilModelLoaded(
        time.time() + 600, 1
    )
    shutil.rmtree(served.folder / "2")  # back to the newest that is left
    wait(lambda: states(served) == {"1": "AVAILABLE"})
    assert clips(served) == first
    wait(lambda: len(served.lines) == 2)  # a version answers before the log says so
    assert served.lines == ["version 2 replaces version 1", "version 1 replaces version 2"]


@pytest.mark.exhaustive
def test_a_half_written_version_waits_until_it_is_whole(
    serve: Callable[..., Served], models: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    served = serve()
    first = clips(served)
    half = served.folder / "5"
    shutil.copytree(models[1], half, ignore=shutil.ignore_patterns("saved_model.pb"))
    wait(lambda: states(served) == {"5": "START", "1": "AVAILABLE"})
    assert clips(served) == first
    assert served.lines == ["version 5 is not whole: there is no saved_model.pb in it yet"]
    monkeypatch.setenv(QUIET_VARIABLE, "1")
    shutil.copy(Path(models[1], "saved_model.pb"), half)
    wait(lambda: states(served) == {"5": "AVAILABLE"})
    assert len(served.lines) == 1


def test_a_damaged_version_is_named_and_the_one_before_stays(
    serve: Callable[..., Served], models: tuple[str, str]
) -> None:
    served = serve()
    first = clips(served)
    push_again(models[1], served.folder, 3)
    variables = next((served.folder / "3" / "variables").glob("*.data*"))
    whole = variables.read_bytes()
    aside = served.folder / ".3"
    (served.folder / "3").rename(aside)
    wait(lambda: states(served) == {"1": "AVAILABLE"})  # also if it was loaded in between
    next((aside / "variables").glob("*.data*")).write_bytes(whole[: len(whole) // 2])
    aside.rename(served.folder / "3")
    wait(lambda: states(served) == {"3": "END", "1": "AVAILABLE"})
    assert clips(served) == first
    entry = served.get("/v1/models/mocogan/versions/3").json["model_version_status"][0]
    assert entry["status"]["error_code"] == "UNKNOWN"
    assert "has changed, so this is not the pushed model" in entry["status"]["error_message"]
    client = TensorFlowServingClient(f"127.0.0.1:{served.server.grpc_port}", "mocogan")
    with pytest.raises(ValidationFailed):
        client.WaitUntilModelLoaded(time.time() + 600, 1)
    variables.write_bytes(whole)  # its files have changed, so it is tried again
    wait(lambda: states(served) == {"3": "AVAILABLE"})


@pytest.mark.exhaustive
def test_a_folder_that_vanishes_leaves_the_loaded_model(serve: Callable[..., Served]) -> None:
    served = serve()
    first = clips(served)
    shutil.rmtree(served.folder)
    time.sleep(0.3)  # several looks
    assert clips(served) == first
    assert served.get("/health/ready").status == 200


class _GoesAway(ModelSource):
    """A folder that can no longer be read just after a version was seen in it."""

    def newest(self) -> int | None:
        return 2

    def folder(self, number: int) -> str:
        raise tf.errors.UnavailableError(None, None, "no network")


def test_a_folder_that_goes_away_during_a_look_is_looked_at_again(models: tuple[str, str]) -> None:
    versions = Versions(_GoesAway("versions", models[0], 1, None), ServerMetrics())
    lines: list[str] = []
    versions.start(0.01, lines.append)
    wait(lambda: len(lines) > 1)
    versions.stop()
    assert lines[0] == "the folder of versions cannot be read: no network"


def test_which_folders_are_followed(models: tuple[str, str], tmp_path: Path) -> None:
    out = tmp_path / "out"
    versions = out / "serving_model" / "mocogan"
    versions.mkdir(parents=True)
    push_again(models[0], versions, 3)
    for given in (out, versions):
        source = find_source(str(given), False)
        assert (source.versions, source.number, source.newest()) == (str(versions), 3, 3)
    one = find_source(str(versions / "3"), False)
    assert (one.versions, one.number, one.newest()) == (None, 3, 3)
    shutil.copytree(models[0], tmp_path / "model")
    assert find_source(str(tmp_path / "model"), False).number == 1
    with pytest.raises(ExpectedError, match="contains no model"):
        find_source(str(tmp_path / "model" / "variables"), False)
