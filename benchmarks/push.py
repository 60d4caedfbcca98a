"""Pushes models while a reader loads each version the moment it appears, and processes are killed or the disk is full.

    python -m benchmarks.push [--pushes 100] [--killed 30] [--full-disk 10] [--at-once 20] [--megabytes 4]

The reader compares every version that it sees with its manifest, reads all variables, and loads each tenth one. After
each push that ends well, the folder must have nothing but versions. Then several processes push at once. Prints a
table, and one JSON object in the last line. The exit status is 1 if a version was broken, or something was left over.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import tensorflow as tf
from absl import logging
from tfx.dsl.components.base.base_executor import BaseExecutor
from tfx.proto.pusher_pb2 import PushDestination
from tfx.types import standard_artifacts
from tfx.utils.proto_utils import proto_to_json

from mocogan.components.model_pusher.executor import Executor
from mocogan.components.model_pusher.manifest import ModelChanged, model_sha256, verify
from mocogan.components.model_pusher.versions import list_versions
from mocogan.pipeline.machine import describe_machine

_KEPT = 20  # versions; enough that no reader is still reading a version that is deleted
_MODELS = 8  # at least; a model is pushed again only after others
_LOADED = 10  # each so many versions is loaded
_PLAIN, _KILLED, _FULL_DISK = "plain", "killed", "full disk"


class _Weights(tf.Module):
    """A model of `count` equal weights."""

    def __init__(self, value: int, count: int) -> None:
        super().__init__()
        self.weights = tf.Variable(tf.fill([count], float(value)))

    @tf.function(
        input_signature=[
            tf.TensorSpec([], tf.int32, "num_clips"),
            tf.TensorSpec([], tf.int64, "seed"),
        ]
    )
    def sample(self, num_clips: tf.Tensor, seed: tf.Tensor) -> dict[str, tf.Tensor]:
        del seed
        return {"clips": self.weights[:num_clips]}


class Models(NamedTuple):
    """SavedModels and their hashes."""

    folders: list[str]  # of the artifacts, with the SavedModel in Format-Serving
    hashes: list[str]
    bytes: int  # of one model


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs all pushes and prints the result. Returns the exit status."""
    options = _options(arguments)
    logging.set_verbosity(logging.ERROR)  # TFX warns at each push without a blessing
    print(describe_machine("tensorflow", "tfx"))
    with (
        tempfile.TemporaryDirectory() as scratch,
        _small_disk(Path(scratch, "disk"), options) as disk,
    ):
        count = max(options.at_once, _MODELS)
        models = _make_models(Path(scratch, "models"), count, options.megabytes)
        result = _torture(models, Path(scratch), disk, options)
        result |= _at_once(models, Path(scratch), options.at_once)
    print("| | |\n|---|---|")
    for name, value in result.items():
        if value is not None:  # no version was broken
            print(f"| {name.replace('_', ' ')} | {value} |")
    print(json.dumps(result))
    failures = ("broken_versions_seen", "left_over", "pushes_not_whole", "at_once_not_whole")
    return int(any(result[name] for name in failures))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pushes", type=int, default=100, help="number of pushes in turn")
    parser.add_argument("--killed", type=int, default=30, help="of these, killed at random moments")
    parser.add_argument("--full-disk", type=int, default=10, help="of these, on a full disk")
    parser.add_argument(
        "--at-once", type=int, default=20, help="number of pushes at once, at the end"
    )
    parser.add_argument("--megabytes", type=float, default=4.0, help="size of a model")
    parser.add_argument("--seed", type=int, default=0, help="seed of the moments and the order")
    return parser.parse_args(arguments)


@contextmanager
def _small_disk(folder: Path, options: argparse.Namespace) -> Iterator[Path | None]:
    """Mounts a file system with room for the versions. Yields None where that is not allowed."""
    folder.mkdir()
    size = int((_KEPT + 8) * (options.megabytes + 1))
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}m", "mocogan-push", str(folder)]
    if subprocess.run(command, capture_output=True).returncode:
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def _make_models(folder: Path, count: int, megabytes: float) -> Models:
    """Saves models in another process: a process that computed with TensorFlow cannot be forked safely."""

    def save() -> None:
        for number in range(count):
            weights = _Weights(number, int(megabytes * 250_000))
            path = str(folder / str(number) / "Format-Serving")
            tf.saved_model.save(weights, path, signatures={"serving_default": weights.sample})

    _wait(_fork(save))
    folders = [str(folder / str(number)) for number in range(count)]
    size = sum(path.stat().st_size for path in Path(folders[0]).rglob("*") if path.is_file())
    return Models(folders, [model_sha256(f"{path}/Format-Serving") for path in folders], size)


def _torture(
    models: Models, scratch: Path, disk: Path | None, options: argparse.Namespace
) -> dict[str, Any]:
    chance = random.Random(options.seed)
    kinds = [_KILLED] * options.killed + [_FULL_DISK] * options.full_disk
    kinds += [_PLAIN] * (options.pushes - len(kinds))
    chance.shuffle(kinds)
    serving = (disk or scratch) / "serving"
    serving.mkdir()
    seen, stop = scratch / "seen.jsonl", scratch / "stop"
    reader = _fork(lambda: _read_versions(str(serving), seen, stop))
    counts = dict.fromkeys(("halves", "refused", "left_over", "not_whole"), 0)
    durations = [_timed_push(models, scratch, serving, 0)]
    for number, kind in enumerate(kinds, start=1):
        model = number % len(models.folders)
        if kind == _KILLED:
            longest = statistics.median(durations)
            while not _killed_push(models, scratch, serving, model, chance.uniform(0, longest)):
                pass  # it ended before its random moment
            counts["halves"] += _left_over(serving) > 0
        elif kind == _FULL_DISK:
            share = chance.uniform(0, 0.95)
            counts["refused"] += _refused_push(models, scratch, serving, model, share, disk)
        else:
            durations.append(_timed_push(models, scratch, serving, model))
            counts["left_over"] += _left_over(serving)
            counts["not_whole"] += not _is_recorded(models, scratch, model)
    _push(models, scratch, serving, len(kinds) + 1)
    counts["left_over"] += _left_over(serving)
    stop.touch()
    _wait(reader)
    looks = [json.loads(line) for line in seen.read_text().splitlines()]
    return {
        "pushes": options.pushes,
        "killed": options.killed,
        "kills_that_left_something": counts["halves"],
        "on_a_full_disk": options.full_disk,
        "refused_by_the_full_disk": counts["refused"],
        "full_disk_is": "a small tmpfs" if disk else "RLIMIT_FSIZE",
        "seconds_per_push": round(statistics.median(durations), 3),
        "versions_seen": len(looks),
        "versions_loaded": sum(look["loaded"] for look in looks),
        "broken_versions_seen": sum(look["broken"] is not None for look in looks),
        "first_broken": next((look["broken"] for look in looks if look["broken"]), None),
        "left_over": counts["left_over"],
        "pushes_not_whole": counts["not_whole"],
    }


def _read_versions(serving: str, seen: Path, stop: Path) -> None:
    """Looks at each version as soon as it appears, and writes a line of JSON about it."""
    known: set[str] = set()
    with seen.open("w") as file:
        while True:
            last = stop.exists()
            for name in sorted(set(list_versions(serving)) - known, key=int):
                known.add(name)
                load = len(known) % _LOADED == 0
                broken = _broken(f"{serving}/{name}", load)
                print(json.dumps({"loaded": load, "broken": broken}), file=file, flush=True)
            if last:
                return
            time.sleep(0.0005)


def _broken(folder: str, load: bool) -> str | None:
    """What is wrong with a version, in one line."""
    try:
        manifest = verify(folder)
        if manifest is None:
            return "no manifest"
        if model_sha256(folder) != manifest.model_sha256:
            return "another model than in the manifest"
        if load:
            sample = tf.saved_model.load(folder).signatures["serving_default"]
            sample(num_clips=tf.constant(1), seed=tf.constant(0, tf.int64))["clips"].numpy()
    except (ModelChanged, ValueError, OSError, tf.errors.OpError) as error:
        return f"{type(error).__name__}: {error}".splitlines()[0]
    return None


def _push(models: Models, scratch: Path, serving: Path, model: int) -> None:
    """Runs the Pusher, as the pipeline does. Writes what it records to recorded-<model>.json."""
    number = model % len(models.folders)
    artifact, output = standard_artifacts.Model(), standard_artifacts.PushedModel()
    artifact.uri, output.uri = models.folders[number], str(scratch / f"pushed_model-{number}")
    destination = PushDestination(
        filesystem=PushDestination.Filesystem(base_directory=str(serving))
    )
    Executor(BaseExecutor.Context(pipeline_run_id=f"run-{number}")).Do(
        {"model": [artifact]},
        {"pushed_model": [output]},
        {
            "push_destination": proto_to_json(destination),
            "keep_versions": _KEPT,
            "code_fingerprint": "",
        },
    )
    keys = ("pushed_destination", "model_sha256")
    recorded = {key: output.get_string_custom_property(key) for key in keys}
    Path(scratch, f"recorded-{number}.json").write_text(json.dumps(recorded))


def _is_recorded(models: Models, scratch: Path, model: int) -> bool:
    """Whether a push recorded a whole version of its own model."""
    recorded = json.loads(Path(scratch, f"recorded-{model}.json").read_text())
    manifest = verify(recorded["pushed_destination"])
    own = models.hashes[model]
    return manifest is not None and manifest.model_sha256 == recorded["model_sha256"] == own


def _left_over(serving: Path) -> int:
    """Number of entries that are no versions."""
    return sum(not name.isdecimal() for name in os.listdir(serving))


def _timed_push(models: Models, scratch: Path, serving: Path, model: int) -> float:
    start = time.monotonic()
    _wait(_fork(lambda: _push(models, scratch, serving, model)))
    return time.monotonic() - start


def _killed_push(models: Models, scratch: Path, serving: Path, model: int, delay: float) -> bool:
    """Kills a push after some seconds. Returns whether it was still running."""
    process = _fork(lambda: _push(models, scratch, serving, model))
    time.sleep(delay)
    os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    return os.WIFSIGNALED(status)


def _refused_push(
    models: Models, scratch: Path, serving: Path, model: int, share: float, disk: Path | None
) -> bool:
    """Pushes with room for a share of the model only. Returns whether the push failed."""

    def push() -> None:
        if disk is None:
            limit = int(models.bytes * share)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # no traceback
        _push(models, scratch, serving, model)

    filler = (disk or scratch) / "filler"
    if disk is not None:
        with filler.open("wb") as file:
            room = shutil.disk_usage(disk).free - int(models.bytes * share)
            file.write(bytes(max(room, 0)))
    process = _fork(push)
    _, status = os.waitpid(process, 0)
    filler.unlink(missing_ok=True)
    return os.waitstatus_to_exitcode(status) != 0


def _at_once(models: Models, scratch: Path, count: int) -> dict[str, int]:
    """Pushes different models to a new folder at the same moment."""
    serving = scratch / "at-once"
    serving.mkdir()
    start = time.time() + 0.5

    def push(model: int) -> Callable[[], None]:
        def run() -> None:
            time.sleep(max(0.0, start - time.time()))
            _push(models, scratch, serving, model)

        return run

    for process in [_fork(push(model)) for model in range(count)]:
        _wait(process)
    whole = sum(_is_recorded(models, scratch, model) for model in range(count))
    left = _left_over(serving)
    return {
        "at_once": count,
        "versions_at_once": len(list_versions(str(serving))),
        "at_once_not_whole": count - whole + left,
    }


def _fork(work: Callable[[], None]) -> int:
    """Runs a function in a copy of this process. Returns its process id."""
    sys.stdout.flush()
    process = os.fork()
    if process:
        return process
    status = 1
    try:
        work()
        status = 0
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
    finally:
        os._exit(status)


def _wait(process: int) -> None:
    _, status = os.waitpid(process, 0)
    if code := os.waitstatus_to_exitcode(status):
        raise RuntimeError(f"process {process} ended with status {code}")


if __name__ == "__main__":
    sys.exit(main())
