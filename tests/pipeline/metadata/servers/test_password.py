from __future__ import annotations

from pathlib import Path

import pytest

from mocogan.pipeline.metadata.servers.password import PasswordUnreadable, read_password

VARIABLE, FILE = "MOCOGAN_METADATA_PASSWORD", "MOCOGAN_METADATA_PASSWORD_FILE"


@pytest.fixture(autouse=True)
def no_password(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.delenv(FILE, raising=False)


def test_there_may_be_none(monkeypatch: pytest.MonkeyPatch):
    assert read_password() is None
    monkeypatch.setenv(VARIABLE, "")
    assert read_password() is None


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\nmore\n"])
def test_the_first_line_of_a_file_is_the_password(
    end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "password").write_text(f" spaces count {end}", newline="")
    monkeypatch.setenv(FILE, str(tmp_path / "password"))
    assert read_password() == " spaces count "


def test_the_variable_comes_first(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(VARIABLE, "one")
    monkeypatch.setenv(FILE, "missing")
    assert read_password() == "one"


@pytest.mark.parametrize("content", [None, b"\xff"])
def test_a_file_that_cannot_be_read_is_named(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = tmp_path / "password"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv(FILE, str(path))
    with pytest.raises(PasswordUnreadable, match=rf"{FILE}={path}"):
        read_password()
