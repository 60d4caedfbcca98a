from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.run_store import RecordedRun, RunStore
from mocogan.pipeline.site.watching import watch_site
from mocogan.pipeline.site.writer import WrittenSite
from tests.support.run_folders import write_runs


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


def test_the_page_of_a_running_run_is_written_at_each_look(tmp_path: Path):
    store = RunStore(tmp_path, files=True)
    store.add(RecordedRun("data", "running", name="now"))
    store.write()
    written: list[WrittenSite] = []

    def sleep(seconds: float) -> None:
        if len(written) == 2:
            raise Ends

    with pytest.raises(Ends):
        watch_site(str(tmp_path), None, 1.0, written.append, sleep)
    page = (tmp_path / "site" / "runs" / "1.html").read_text()
    assert 'http-equiv="refresh" content="1"' in page
    assert "▶ running" in page
