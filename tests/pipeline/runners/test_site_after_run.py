from __future__ import annotations

from pathlib import Path

import pytest

from mocogan.pipeline.config.loading import load_config
from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.runners.site_after_run import site_after_run
from tests.support.run_folders import write_runs


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return load_config(data="/videos", out=str(write_runs(tmp_path / "out")))


def test_it_is_written_after_the_run(config: Config):
    page = Path(config.out, "site", "index.html")
    with site_after_run(config) as site:
        assert not page.exists()
    assert site.page == page
    assert page.is_file()


def test_it_is_written_after_a_failed_run_and_the_error_stays(config: Config):
    with pytest.raises(ExpectedError, match="the node failed"), site_after_run(config):
        raise ExpectedError("the node failed")
    assert Path(config.out, "site", "index.html").is_file()


def test_it_can_be_switched_off(config: Config):
    with site_after_run(config.model_copy(update={"site": False})) as site:
        pass
    assert site.page is None
    assert not Path(config.out, "site").exists()


def test_nothing_is_written_if_no_node_ran(tmp_path: Path):
    with site_after_run(load_config(data="/videos", out=str(tmp_path / "out"))) as site:
        pass
    assert site.page is None
    assert not (tmp_path / "out").exists()


def test_a_site_that_cannot_be_written_fails_no_run(
    config: Config, capsys: pytest.CaptureFixture[str]
):
    Path(config.out, "site").write_text("a file")
    with site_after_run(config) as site:
        pass
    assert site.page is None
    assert capsys.readouterr().out.startswith("the site of the runs is not written: ")
