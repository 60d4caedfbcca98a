from __future__ import annotations

from pathlib import Path

import pytest

from mocogan.components.model_pusher.manifest import MANIFEST_FILE, ModelChanged, verify
from mocogan.components.model_pusher.push import push
from mocogan.components.model_pusher.rollback import NoSuchVersion, roll_back
from mocogan.components.model_pusher.versions import list_versions


@pytest.fixture
def serving(tmp_path: Path, models: list[str]) -> str:
    """Versions 100, 200 and 300 of three models."""
    folder = str(tmp_path / "serving")
    for number, model in enumerate(models, start=1):
        push(model, folder, run=f"run-{number}", now=lambda number=number: 100.0 * number)
    return folder


@pytest.mark.parametrize(("version", "source"), [(None, "200"), ("100", "100")])
def test_an_earlier_version_is_the_newest_again(
    serving: str, version: str | None, source: str
) -> None:
    done = roll_back(serving, version, now=lambda: 50.0)
    assert done.source == f"{serving}/{source}"
    assert done.pushed.folder == f"{serving}/301"
    before, after = verify(done.source), verify(done.pushed.folder)
    assert before is not None
    assert after is not None
    assert after.model_sha256 == before.model_sha256
    assert after.files == before.files
    assert after.run == before.run == f"run-{source[0]}"
    assert after.version == "301"


def test_a_copy_shares_no_file_with_its_source(serving: str) -> None:
    done = roll_back(serving)
    Path(done.source, "saved_model.pb").write_bytes(b"damaged")
    verify(done.pushed.folder)


def test_a_version_of_another_program_gets_a_manifest(serving: str) -> None:
    Path(serving, "200", MANIFEST_FILE).unlink()
    assert verify(roll_back(serving).pushed.folder) is not None


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("150", "has no version 150. Earlier versions: 100, 200$"),
        ("300", "version 300 is the newest one in .*serving already$"),
    ],
)
def test_a_version_that_is_not_earlier_is_refused(serving: str, version: str, message: str) -> None:
    with pytest.raises(NoSuchVersion, match=message):
        roll_back(serving, version)
    assert list_versions(serving) == ["100", "200", "300"]


def test_a_changed_version_is_refused(serving: str) -> None:
    Path(serving, "200", "fingerprint.pb").write_bytes(b"other")
    with pytest.raises(ModelChanged, match=r"200: fingerprint\.pb has changed"):
        roll_back(serving)
    assert list_versions(serving) == ["100", "200", "300"]


@pytest.mark.parametrize(
    ("versions", "message"),
    [((), "serving has no versions$"), (("7",), "serving has only version 7, so none before it$")],
)
def test_there_must_be_an_earlier_version(
    tmp_path: Path, versions: tuple[str, ...], message: str
) -> None:
    for version in versions:
        (tmp_path / "serving" / version).mkdir(parents=True)
        (tmp_path / "serving" / version / "saved_model.pb").touch()
    with pytest.raises(NoSuchVersion, match=message):
        roll_back(str(tmp_path / "serving"))
