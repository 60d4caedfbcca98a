"""Finding the report of the newest run, and writing one of what there is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ml_metadata.proto import metadata_store_pb2 as pb

from mocogan.pipeline.metadata.store import MetadataMissing
from mocogan.pipeline.report import NoReport, find_report
from tests.support.metadata_store import Recorder


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    (tmp_path / "tfx_metadata").mkdir()
    return Recorder(tmp_path / "tfx_metadata" / "metadata.db")


def add(recorder: Recorder, node: str, key: str, folder: Path, state: int = pb.Execution.COMPLETE):
    folder.mkdir(exist_ok=True)
    recorder.execute(node, [], {key: recorder.artifact("Some", str(folder))}, state)


def test_a_finished_run_has_a_report(recorder: Recorder, tmp_path: Path) -> None:
    add(recorder, "ReportGen", "report", tmp_path / "found")
    (tmp_path / "found" / "report.html").touch()
    assert find_report(str(tmp_path)) == (f"{tmp_path}/found/report.html", "")


def test_a_folder_that_was_moved_has_its_report(recorder: Recorder, tmp_path: Path) -> None:
    recorder.execute(
        "ReportGen",
        [],
        {"report": recorder.artifact("Some", "/old/tfx_pipeline_output/R/report/7")},
    )
    page = tmp_path / "tfx_pipeline_output" / "R" / "report" / "7" / "report.html"
    page.parent.mkdir(parents=True)
    page.touch()
    assert find_report(str(tmp_path)) == (str(page), "")


def test_the_newest_run_counts(recorder: Recorder, tmp_path: Path) -> None:
    test_a_finished_run_has_a_report(recorder, tmp_path)
    recorder.new_run("run-2")
    with pytest.raises(NoReport, match="no node has started yet"):
        find_report(str(tmp_path))


def test_of_a_failed_run_the_page_shows_what_there_is(recorder: Recorder, tmp_path: Path) -> None:
    add(recorder, "VideoExampleGen", "ingest_report", tmp_path / "ingest")
    content = {"source": "/videos/films", "videos": {"found": 1, "accepted": 1, "rejected": []}}
    (tmp_path / "ingest" / "ingest_report.json").write_text(json.dumps(content), "utf-8")
    log = tmp_path / "tensorboard" / "custom-films-0123"
    log.mkdir(parents=True)
    (log / "metrics.jsonl").write_text('{"step": 20, "losses/d_loss": 1.25}\n', "utf-8")
    recorder.execute("MoCoGanTrainer", [], {}, pb.Execution.FAILED)
    for _ in range(2):  # the second page replaces the first
        path, state = find_report(str(tmp_path))
    assert state == "MoCoGanTrainer failed, so the run has no report of its own"
    assert path == f"{tmp_path}/report/report.html"
    page = Path(path).read_text("utf-8")
    assert state in page
    assert "films" in page


def test_a_damaged_file_is_an_error_of_one_line(recorder: Recorder, tmp_path: Path) -> None:
    add(recorder, "VideoExampleGen", "ingest_report", tmp_path / "ingest")
    (tmp_path / "ingest" / "ingest_report.json").write_text("{broken", "utf-8")
    recorder.execute("MoCoGanTrainer", [], {}, pb.Execution.FAILED)
    with pytest.raises(NoReport, match="cannot be written: Expecting property name"):
        find_report(str(tmp_path))


def test_a_run_without_results_has_no_report(recorder: Recorder, tmp_path: Path) -> None:
    recorder.execute("VideoExampleGen", [], {}, pb.Execution.RUNNING)
    with pytest.raises(NoReport, match="not made anything yet: VideoExampleGen has not ended"):
        find_report(str(tmp_path))


def test_without_a_store_there_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(MetadataMissing, match="Run the pipeline first"):
        find_report(str(tmp_path))
