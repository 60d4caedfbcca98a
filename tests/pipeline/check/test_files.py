from __future__ import annotations

import gzip
import hashlib
import io
import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.run_store.recorded_run import RecordedRun
from mocogan.pipeline.check.checks import findings_text
from mocogan.pipeline.check.files import (
    check_artifacts,
    check_checkpoints,
    check_leftovers,
    check_pushed,
)
from mocogan.pipeline.check.finding import OK, PROBLEM, WARNING, Finding
from mocogan.pipeline.metadata.runs import RunReader
from mocogan.pipeline.outputs.written_files import record_files
from tests.support.run_folders import FIRST, KILLED, write_runs


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Runs whose artifacts have the files that they must have."""
    out = write_runs(tmp_path / "out")
    for run in RunReader(out).newest():
        for key, name in (
            ("examples", "Split-train/data_tfrecord-00000-of-00001.gz"),
            ("transform_graph", "transform_fn/saved_model.pb"),
            ("ingest_report", "ingest_report.json"),
        ):
            output = run.output(key)
            assert output is not None
            path = Path(output.uri, name)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(gzip.compress(bytes(10000)))
    return out


def folder(out: Path, key: str) -> Path:
    output = RunReader(out).find(str(FIRST)).output(key)
    assert output is not None
    return Path(output.uri)


def leftovers(out: Path) -> list[Finding]:
    reader = RunReader(out)
    return list(check_leftovers(out, reader.all_artifacts(), reader.open_runs()))


def checkpoint() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, step=np.arange(100))
    return buffer.getvalue() + hashlib.sha256(buffer.getvalue()).digest()


def test_whole_artifacts_are_ok(out: Path):
    for full in (False, True):
        (finding,) = check_artifacts(RunReader(out).all_artifacts(), full)
        assert finding.level == OK, finding


def test_missing_and_damaged_artifacts_are_named(out: Path):
    folder(out, "model_run").rename(out / "moved")
    (folder(out, "model") / "Format-Serving" / "saved_model.pb").unlink()
    (folder(out, "evaluation") / "evaluation.json").write_text("{")
    (folder(out, "schema") / "content").unlink()
    missing, damaged = check_artifacts(RunReader(out).all_artifacts(), full=False)
    assert (missing.level, damaged.level) == (PROBLEM, PROBLEM)
    assert [path.split()[0] for path in missing.paths] == ["ModelRun"]
    assert [" ".join(path.split(": ")[1:]) for path in damaged.paths][:2] == [
        "the folder is empty",
        "Format-Serving/saved_model.pb is missing or empty",
    ]
    assert "evaluation.json is not valid" in damaged.paths[2]


def test_records_that_end_early_are_found_when_all_is_read(out: Path):
    path = next(folder(out, "examples").glob("*/*.gz"))
    path.write_bytes(path.read_bytes()[:-10])
    assert [f.level for f in check_artifacts(RunReader(out).all_artifacts(), full=False)] == [OK]
    (finding,) = check_artifacts(RunReader(out).all_artifacts(), full=True)
    assert finding.paths[0].endswith("data_tfrecord-00000-of-00001.gz is truncated or damaged")
    path.write_bytes(b"text")
    (finding,) = check_artifacts(RunReader(out).all_artifacts(), full=False)
    assert finding.paths[0].endswith("data_tfrecord-00000-of-00001.gz is no gzip file")


def test_recorded_files_are_compared_by_size(out: Path):
    examples = folder(out, "examples")
    record_files({"examples": [str(examples)]}, int(examples.name))
    path = next(examples.glob("*/*.gz"))
    size = path.stat().st_size
    path.write_bytes(path.read_bytes()[:-10])
    (finding,) = check_artifacts(RunReader(out).all_artifacts(), full=False)
    assert finding.paths[0].endswith(f"{path.name} has {size - 10} bytes instead of {size}")


def test_leftovers_are_those_of_executions_that_have_ended(out: Path):
    node = RunReader(out).find(str(KILLED)).nodes[-1]
    root = out / "tfx_pipeline_output" / node.name
    orphan = root / "model" / str(node.execution)
    temporary = root / ".system" / "executor_execution" / str(node.execution) / ".temp"
    working = root / ".system" / "stateful_working_dir" / "a-uuid"
    kept = root / "kept_checkpoints" / "abc"
    for path in (orphan, temporary, working, kept):
        path.mkdir(parents=True)
        (path / "file").write_bytes(bytes(1000))
    orphans, temporaries = leftovers(out)
    assert orphans.paths == (f"{orphan} (1 kB)",)
    assert temporaries.paths == (f"{temporary} (1 kB)", f"{working} (1 kB)")
    assert (orphans.level, temporaries.level) == (WARNING, WARNING)


def test_a_folder_that_was_moved_has_no_orphans(out: Path, tmp_path: Path):
    moved = out.rename(tmp_path / "moved")
    assert [finding.level for finding in leftovers(moved)] == [OK, OK]
    (finding,) = check_artifacts(RunReader(moved).all_artifacts(), full=False)
    assert finding.level == PROBLEM
    assert "If you moved the folder, move it back" in finding.advice


def test_folders_of_a_run_that_is_running_are_no_leftovers(tmp_path: Path):
    out = write_runs(tmp_path, RecordedRun("config", "running"))
    node = RunReader(out).find(None).nodes[-1]
    root = out / "tfx_pipeline_output" / node.name
    for name in ("model", ".system/executor_execution"):
        (root / name / str(node.execution) / ".temp").mkdir(parents=True)
    (root / ".system" / "stateful_working_dir" / "a-uuid").mkdir(parents=True)
    assert [finding.level for finding in leftovers(out)] == [OK, OK]


def test_truncated_checkpoints_are_found_at_once_and_flipped_bits_by_their_checksum(out: Path):
    training = out / "checkpoints" / "0123"
    training.mkdir(parents=True)
    (training / "step-1.npz").write_bytes(checkpoint())
    assert [f.level for full in (False, True) for f in check_checkpoints(out, full)] == [OK, OK]
    flipped = bytearray(checkpoint())
    flipped[len(flipped) // 2] ^= 1
    (training / "step-2.npz").write_bytes(flipped)
    assert [f.level for full in (False, True) for f in check_checkpoints(out, full)] == [
        OK,
        PROBLEM,
    ]
    (training / "step-3.npz").write_bytes(checkpoint()[:-5])
    (training / "step-4.npz").write_bytes(b"")
    (training / "step-5.npz.damaged").write_bytes(b"x")
    (finding,) = check_checkpoints(out, full=False)
    assert "0123: 4 checkpoints" in finding.text
    assert [Path(path).name for path in finding.paths] == [
        "step-3.npz",
        "step-4.npz",
        "step-5.npz.damaged",
    ]


def test_pushed_models_are_compared_with_their_manifests(out: Path):
    version = out / "serving_model" / "mocogan" / "17"
    (version / "assets.extra").mkdir(parents=True)
    (version / "saved_model.pb").write_bytes(b"model")
    files = {"saved_model.pb": hashlib.sha256(b"model").hexdigest()}
    (version / "assets.extra" / "manifest.json").write_text(json.dumps({"files": files}))
    assert [f.level for full in (False, True) for f in check_pushed(out, full)] == [OK, OK]
    (version / "saved_model.pb").write_bytes(b"other")
    assert [f.level for full in (False, True) for f in check_pushed(out, full)] == [OK, PROBLEM]
    (version / "saved_model.pb").unlink()
    (finding,) = check_pushed(out, full=False)
    assert finding.paths == (f"{version}: saved_model.pb is missing",)


def test_many_paths_are_counted_in_the_text():
    paths = tuple(f"/a/{number}" for number in range(1500))
    text = findings_text([Finding("artifacts", PROBLEM, "1,500 artifacts", "do it", paths)])
    lines = text.splitlines()
    assert lines[0] == "artifacts    problem: 1,500 artifacts. Do it"
    assert lines[-2].strip() == "… and 1,490 more (--json lists all)"
    assert lines[-1] == "1 problem, 0 warnings"
