"""Pushes to a bucket: TensorFlow's own client and a server that knows neither folders nor renames."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

import pytest
import tensorflow as tf

from mocogan.components.model_pusher import remote_versions
from mocogan.components.model_pusher.manifest import MANIFEST_FILE, ModelChanged, verify
from mocogan.components.model_pusher.push import Pushed, push
from mocogan.components.model_pusher.versions import list_versions
from tests.support.object_store.objects import WRITE, Objects

_MODEL = "saved_model.pb"


def _check_readers(objects: Objects) -> None:
    """Whoever finds a SavedModel now finds all files of its manifest as they were pushed."""
    for name in objects.names():
        if not name.endswith(f"/{_MODEL}"):
            continue
        folder = name.removesuffix(_MODEL)
        manifest = json.loads(objects.content(folder + MANIFEST_FILE) or b"{}")
        for relative, digest in manifest["files"].items():
            content = objects.content(folder + relative)
            assert content is not None, f"{name} is there, {relative} is not"
            assert hashlib.sha256(content).hexdigest() == digest


@pytest.fixture
def objects(stored_objects: Objects) -> Objects:
    """The bucket, which a reader looks at after each change."""
    stored_objects.after_change = lambda: _check_readers(stored_objects)
    return stored_objects


@pytest.mark.slow
def test_a_version_is_whole_for_readers_at_any_moment(
    objects: Objects, gs_folder: str, models: list[str]
) -> None:
    pushed = push(models[0], gs_folder, run="run-1")
    written = [change.name for change in objects.changes if change.kind == WRITE]
    assert written[0].endswith(MANIFEST_FILE)  # the claim
    assert written[-2].endswith(MANIFEST_FILE)
    assert written[-1].endswith(f"/{_MODEL}")
    assert objects.copies == []
    assert verify(pushed.folder) == pushed.manifest


@pytest.mark.exhaustive
def test_versions_follow_each_other_and_old_ones_go(
    objects: Objects, gs_folder: str, models: list[str]
) -> None:
    first = push(models[0], gs_folder)
    assert push(models[0], gs_folder) == first
    later: list[Pushed] = [push(model, gs_folder, keep_versions=2) for model in models[1:]]
    assert list_versions(gs_folder) == [done.manifest.version for done in later]


@pytest.mark.exhaustive
def test_a_push_that_dies_at_any_request_shows_nothing_and_the_next_one_cleans_up(
    objects: Objects, gs_folder: str, models: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    push(models[0], f"{gs_folder}/whole")
    total = len(objects.changes)
    for number in range(1, total):
        folder = f"{gs_folder}/{number}"
        objects.fails_after = len(objects.changes) + number
        with pytest.raises((tf.errors.OpError, ModelChanged)):
            push(models[0], folder)
        objects.fails_after = None
        prefix = folder.removeprefix("gs://").partition("/")[2]
        assert not [name for name in objects.names(prefix) if name.endswith(_MODEL)]
        kept = push(models[0], folder)  # the other push may still be running
        assert len(list_versions(folder)) == 2
        with monkeypatch.context() as patch:
            patch.setattr(remote_versions, "_LONGEST_PUSH", -1)
            assert push(models[0], folder) == kept
        assert list_versions(folder) == [kept.manifest.version]


@pytest.mark.exhaustive
@pytest.mark.parametrize("moment", ["claim", "copy"])
def test_two_pushes_at_once_make_two_whole_versions(
    objects: Objects, gs_folder: str, models: list[str], moment: str
) -> None:
    inner: list[Pushed] = []

    def push_in_between(method: str, path: str) -> None:
        """Pushes another model while the first push waits for its claim, or for its first file."""
        wanted = "ifGenerationMatch=0" if moment == "claim" else "variables"
        if method == "POST" and wanted in path and not inner:
            inner.append(None)  # type: ignore[arg-type]
            inner[0] = push(models[1], gs_folder, now=lambda: 100.0)

    objects.before_request = push_in_between
    outer = push(models[0], gs_folder, now=lambda: 100.0)
    versions = list_versions(gs_folder)
    assert len(versions) == 2
    assert {outer.manifest.version, inner[0].manifest.version} == set(versions)
    for pushed in (outer, inner[0]):
        assert verify(pushed.folder) == pushed.manifest


@pytest.mark.exhaustive
def test_a_failed_push_leaves_nothing(
    objects: Objects, gs_folder: str, models: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    copy: Callable[..., None] = tf.io.gfile.copy

    def fail(source: str, target: str) -> None:
        if target.endswith(_MODEL):
            raise tf.errors.UnavailableError(None, None, "no network")
        copy(source, target)

    monkeypatch.setattr(tf.io.gfile, "copy", fail)
    with pytest.raises(tf.errors.UnavailableError):
        push(models[0], gs_folder)
    assert objects.names() == []
