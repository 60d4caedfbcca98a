"""Pushes to a bucket: TensorFlow's own client and a server that knows neither folders nor renames."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import tensorflow as tf

from mocogan.components.model_pusher import remote_versions
from mocogan.components.model_pusher.manifest import MANIFEST_FILE, ModelChanged, verify
from mocogan.components.model_pusher.push import Pushed, push
from mocogan.components.model_pusher.versions import list_versions
from tests.support.object_store.fixtures import BUCKET
from tests.support.object_store.objects import WRITE, Objects

_MODEL = "saved_model.pb"


def _check_readers(objects: Objects) -> None:
    """Whoever found a SavedModel at any moment found all files of its manifest as they were pushed."""
    there: dict[str, bytes] = {}
    for change in objects.changes():
        if change.kind == WRITE:
            there[change.name] = change.content
        else:
            del there[change.name]
        for folder in [n.removesuffix(_MODEL) for n in there if n.endswith(f"/{_MODEL}")]:
            manifest = json.loads(there[folder + MANIFEST_FILE])
            for name, digest in manifest["files"].items():
                assert hashlib.sha256(there[folder + name]).hexdigest() == digest


@pytest.fixture
def objects(stored_objects: Objects) -> Iterator[Objects]:
    """The bucket. At the end, the test looks at what a reader found after each change."""
    yield stored_objects
    _check_readers(stored_objects)
    assert stored_objects.copies() == []


def test_a_version_is_whole_for_readers_at_any_moment(
    objects: Objects, gs_folder: str, models: list[str]
) -> None:
    pushed = push(models[0], gs_folder, run="run-1")
    written = [change.name for change in objects.changes() if change.kind == WRITE]
    assert written[0].endswith(MANIFEST_FILE)  # the claim
    assert written[-2].endswith(MANIFEST_FILE)
    assert written[-1].endswith(f"/{_MODEL}")
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
    total = len(objects.changes())
    for number in range(1, total):
        folder = f"{gs_folder}/{number}"
        objects.rules(changes_left=number)
        with pytest.raises((tf.errors.OpError, ModelChanged)):
            push(models[0], folder)
        objects.rules()
        prefix = folder.removeprefix("gs://").partition("/")[2]
        assert not [name for name in objects.names(prefix) if name.endswith(_MODEL)]
        kept = push(models[0], folder)  # the other push may still be running
        assert len(list_versions(folder)) == 2
        with monkeypatch.context() as patch:
            patch.setattr(remote_versions, "_LONGEST_PUSH", -1)
            assert push(models[0], folder) == kept
        assert list_versions(folder) == [kept.manifest.version]


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("method", "part"),
    [("POST", "ifGenerationMatch=0"), ("POST", "variables.index"), ("GET", "saved_model.pb")],
)
def test_two_pushes_at_once_make_two_whole_versions(
    objects: Objects, gs_folder: str, models: list[str], method: str, part: str
) -> None:
    objects.hold(method, part)
    with ThreadPoolExecutor(1) as executor:
        first = executor.submit(push, models[0], gs_folder, now=lambda: 100.0)
        objects.wait_for_held()
        second = push(models[1], gs_folder, now=lambda: 100.0)
        objects.release()
        both = [first.result(), second]
    assert {pushed.manifest.version for pushed in both} == set(list_versions(gs_folder))
    assert len(list_versions(gs_folder)) == 2
    for pushed in both:
        assert verify(pushed.folder) == pushed.manifest


def test_an_unfinished_version_can_disappear_while_another_push_looks_at_it(
    stored_objects: Objects, gs_folder: str
) -> None:
    claimed = f"{gs_folder}/100/{MANIFEST_FILE}".removeprefix("gs://").partition("/")[2]
    stored_objects.put(claimed, b"{}")
    stored_objects.hold("GET", "manifest.json")
    with ThreadPoolExecutor(1) as executor:
        looking = executor.submit(remote_versions.delete_left_over, gs_folder)
        stored_objects.wait_for_held()
        stored_objects.delete_file(BUCKET, claimed)
        stored_objects.release()
        looking.result()
    assert stored_objects.names() == []


def test_an_old_version_can_disappear_while_another_push_deletes_it(
    stored_objects: Objects, gs_folder: str
) -> None:
    model = f"{gs_folder}/100/{_MODEL}".removeprefix("gs://").partition("/")[2]
    stored_objects.put(model, b"")
    stored_objects.hold("DELETE", _MODEL)
    with ThreadPoolExecutor(1) as executor:
        deleting = executor.submit(remote_versions.delete_version, gs_folder, "100")
        stored_objects.wait_for_held()
        stored_objects.delete_file(BUCKET, model)
        stored_objects.release()
        deleting.result()
    assert stored_objects.names() == []


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
