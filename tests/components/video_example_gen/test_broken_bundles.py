"""Bundles that break and are tried again, as Flink, Spark and Dataflow do it. Only their output is lost.

Beam's local runner repeats bundles for tests, but it does not try again. The runner here also breaks them.
"""

from __future__ import annotations

import functools
import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.io.filesystems import FileSystems
from apache_beam.runners.portability.fn_api_runner import FnApiRunner

from mocogan.components.video_example_gen import duplicates, ingest, shards, splits
from mocogan.components.video_example_gen.clips_from_videos import _DecodeVideo
from tests.support.ingests import CONFIG, hashes

# Where a bundle breaks: between two renamed files, in the middle of an element, between two clips, at its end. None: it
# ends well, but its output is lost. Renaming breaks first, because the other attempts leave nothing to rename.
PLACES = ("publish", "copies", "decode", "clips", "end of shards", "split keys", "tally", None)


class Broken(RuntimeError):
    """What a broken bundle raises."""


class Faults:
    """Breaks the bundle that runs, once, where it is told to."""

    def __init__(self) -> None:
        self.place: str | None = None
        self.counts: Counter[str | None] = Counter()

    def break_at(self, place: str) -> None:
        if self.place == place:
            self.place = None
            self.counts[place] += 1
            raise Broken(f"broken at {place}")


faults = Faults()


class BreakingRunner(FnApiRunner):
    """Tries each bundle once for each of PLACES, and then as usual."""

    def _run_bundle_multiple_times_for_testing(
        self,
        runner_execution_context: Any,
        bundle_manager: Any,
        *bundle: Any,
    ) -> None:
        for place in PLACES:
            faults.place = place
            runner_execution_context.state_servicer.checkpoint()
            try:
                bundle_manager.process_bundle(*bundle, dry_run=True)
                faults.counts[None] += 1
            except Broken:
                pass
            finally:
                faults.place = None
                runner_execution_context.state_servicer.restore()


def broken_after_one(function: Callable[..., Any], place: str) -> Callable[..., Any]:
    """A generator function that breaks after its first output."""

    @functools.wraps(function)
    def breaking(*arguments: Any) -> Iterator[Any]:
        outputs = iter(function(*arguments))
        yield from itertools.islice(outputs, 1)
        faults.break_at(place)
        yield from outputs

    return breaking


def broken_first(function: Callable[..., Any], place: str) -> Callable[..., Any]:
    """A function that breaks after it has worked."""

    @functools.wraps(function)
    def breaking(*arguments: Any) -> Any:
        result = function(*arguments)
        faults.break_at(place)
        return result

    return breaking


@pytest.fixture
def breaking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the steps of the ingest break where `faults` say."""
    monkeypatch.setattr(shards, "_RENAMED_AT_ONCE", 1)
    for owner, name, place in (
        (duplicates, "_first_of_equals", "copies"),
        (_DecodeVideo, "process", "decode"),
        (shards._WriteTemporary, "process", "clips"),
        (shards._WriteTemporary, "finish_bundle", "end of shards"),
    ):
        monkeypatch.setattr(owner, name, broken_after_one(getattr(owner, name), place))
    for owner, name, place in (
        (ingest, "_split_keys", "split keys"),
        (splits.TallyKeys, "add_input", "tally"),
        (FileSystems, "rename", "publish"),
    ):
        function = broken_first(getattr(owner, name), place)
        monkeypatch.setattr(
            owner, name, staticmethod(function) if owner is FileSystems else function
        )


@pytest.mark.exhaustive
@pytest.mark.usefixtures("breaking")
def test_broken_bundles_leave_each_film_and_record_once(
    videos: Path, in_memory: Path, tmp_path: Path
):
    report = ingest.ingest(
        str(videos),
        CONFIG,
        str(tmp_path),
        str(tmp_path),
        lambda: beam.Pipeline(runner=BreakingRunner()),
    )
    assert set(faults.counts) == set(PLACES)  # all of them happened
    assert hashes(tmp_path) == hashes(in_memory)
    assert report == json.loads((in_memory / "ingest_report.json").read_text())
    names = Counter(
        json.loads(line)["video_id"]
        for path in tmp_path.glob("videos-*.jsonl")
        for line in path.read_text().splitlines()
    )
    assert set(names.values()) == {1}
    assert not list(tmp_path.glob("*.partial"))  # what broken bundles wrote is gone
