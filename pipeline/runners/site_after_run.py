"""Writes the site of the output folder when a run has ended, also when it has failed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mocogan.pipeline.config.settings import Config


@dataclass
class SiteAfterRun:
    """The first page of the site. None: it is not written."""

    page: Path | None = None


@contextmanager
def site_after_run(config: Config) -> Iterator[SiteAfterRun]:
    """Writes the site after the block, which runs the pipeline, unless `config.site` is off.

    A site that cannot be written never fails a run. Then the first page is None, and a line says why.
    """
    site = SiteAfterRun()
    try:
        yield site
    finally:
        if config.site and config.store.exists():
            site.page = _written(config.out)


def _written(out: str) -> Path | None:
    try:
        from mocogan.pipeline.site.writer import write_site

        return write_site(out).page
    except Exception as error:  # of any kind: the run is more important
        print(f"the site of the runs is not written: {error}", flush=True)
        return None
