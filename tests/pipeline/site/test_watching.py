from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.run_store.recorded_run import RecordedRun
from benchmarks.run_store.store import RunStore
from mocogan.pipeline.site.watching import watch_site
from mocogan.pipeline.site.writer import WrittenSite
from tests.support.run_folders import write_runs
from tests.support.run_sites import write_gif


class Ends(Exception):
    """Stops the watching."""


def test_the_site_is_written_again_when_a_run_starts(tmp_path: Path):
    out = write_runs(tmp_path / "out")
    written: list[WrittenSite] = []
    looks = 0

    def sleep(seconds: float) -> None:
        nonlocal looks
        looks += 1
        if looks == 2:  # nothing has changed before
            (out / "runs" / "2026-01-02T00-00-00").mkdir()
        if looks == 3:
            raise Ends

    with pytest.raises(Ends):
        watch_site(str(out), None, 5.0, written.append, sleep)
    assert len(written) == 2
    assert 'http-equiv="refresh" content="5"' in written[0].page.read_text()


def test_a_store_that_cannot_be_read_for_a_moment_is_read_again(tmp_path: Path):
    out = write_runs(tmp_path / "out")
    path = out / "tfx_metadata" / "metadata.db"
    content = path.read_bytes()
    written: list[WrittenSite] = []
    looks = 0

    def sleep(seconds: float) -> None:
        nonlocal looks
        looks += 1
        if looks == 1:
            path.write_bytes(b"not a database" * 100)
        if looks == 2:
            path.write_bytes(content)
        if looks == 3:
            raise Ends

    with pytest.raises(Ends):
        watch_site(str(out), None, 5.0, written.append, sleep)
    assert [site.runs for site in written] == [6, 6]


def test_the_page_of_a_running_run_is_written_at_each_look(tmp_path: Path):
    store = RunStore(tmp_path, files=True)
    store.add(RecordedRun("data", "running", name="now"))
    store.write()
    written: list[WrittenSite] = []

    log = tmp_path / "tensorboard" / "custom-videos-0"
    (log / "samples").mkdir(parents=True)
    (log / "metrics.jsonl").write_text('{"step": 40, "train/d_loss": 0.5}\n')
    write_gif(log / "samples" / "step-000040.gif")

    def sleep(seconds: float) -> None:
        if len(written) == 2:
            raise Ends

    with pytest.raises(Ends):
        watch_site(str(tmp_path), None, 1.0, written.append, sleep)
    page = (tmp_path / "site" / "runs" / "1.html").read_text()
    assert 'http-equiv="refresh" content="1"' in page
    assert "▶ running" in page
    assert "MoCoGanTrainer: step 40 of 20,000, d_loss 0.500" in page
    assert "../../tensorboard/custom-videos-0/samples/step-000040.gif" in page
