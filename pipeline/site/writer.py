"""Writes the site. Pages that are unchanged since the last time are kept."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from mocogan.components.reports.page import TEMPLATES as SHARED_TEMPLATES
from mocogan.components.reports.page import render_page
from mocogan.data import atomic
from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.metadata.run_folders import CONFIG_FILE
from mocogan.pipeline.metadata.runs import Run
from mocogan.pipeline.result_folder import check_result_folder
from mocogan.pipeline.runners.run_process import RUNNING
from mocogan.pipeline.runs.differences import compared_values
from mocogan.pipeline.site.artifact_page import artifact_content, artifact_state
from mocogan.pipeline.site.artifact_view import ArtifactViews
from mocogan.pipeline.site.compare_page import RUNS_FILE, data_file, run_script, runs_script
from mocogan.pipeline.site.contents import Contents, read_contents
from mocogan.pipeline.site.drawing.artifact_graph import artifact_page
from mocogan.pipeline.site.files import MEDIA_FOLDER, SiteFiles
from mocogan.pipeline.site.index_page import index_content
from mocogan.pipeline.site.run_page import Values, run_content, run_page

SITE_FOLDER = "site"  # in the output folder
INDEX_FILE = "index.html"
_PAGES_FILE = "pages.json"  # page -> what it was made from
_COMPARE_FILE, _STYLE_FILE, _SCRIPT_FILE = "compare.html", "style.css", "site.js"
_FOLDERS = ("runs", "artifacts", "data")
_TEMPLATES = Path(__file__).with_name("templates")


class SiteNotWritten(ExpectedError):
    """The folder of the site cannot be written."""


class WrittenSite(NamedTuple):
    """What `write_site` did."""

    page: Path  # the first page
    runs: int
    artifacts: int
    written: int  # pages
    kept: int  # pages that had not changed
    not_copied: int  # files that were too large to copy
    seconds: float


def write_site(
    out: str | Path, folder: str | Path | None = None, refresh: int | None = None
) -> WrittenSite:
    """Writes the site of an output folder.

    Args:
        out: Output folder of the runs.
        folder: Where the site goes. None: `site` in the output folder. Outside of the output folder, small files that
            pages show are copied. An earlier site is updated, other files are never replaced.
        refresh: Seconds after which the pages of a running pipeline load themselves again. None: never.

    Raises:
        MetadataMissing, StoreUnreadable: There is no store, or it cannot be read.
        FolderRefused: The folder has other files.
        SiteNotWritten: It cannot be written, for example because the disk is full.
    """
    start = time.monotonic()
    contents = read_contents(Path(out))
    site = Path(folder).resolve() if folder else contents.out / SITE_FOLDER
    files = (INDEX_FILE, _COMPARE_FILE, _STYLE_FILE, _SCRIPT_FILE, _PAGES_FILE)
    own = (*files, *(name + atomic.SUFFIX for name in files), MEDIA_FOLDER, *_FOLDERS)
    check_result_folder(str(site), _PAGES_FILE, own, "site")
    try:
        pages = _Pages(site)
        media = SiteFiles(site, contents.out)
        _write(contents, media, pages, refresh)
    except OSError as error:
        raise SiteNotWritten(f"cannot write the site in {site}: {error}") from error
    return WrittenSite(
        site / INDEX_FILE,
        len(contents.runs),
        len(contents.artifacts),
        pages.written,
        pages.kept,
        media.left_out,
        time.monotonic() - start,
    )


def _write(contents: Contents, files: SiteFiles, pages: _Pages, refresh: int | None) -> None:
    style = (SHARED_TEMPLATES / "style.css", _TEMPLATES / "site.css")
    pages.write(_STYLE_FILE, lambda: "".join(path.read_text("utf-8") for path in style))
    pages.write(_SCRIPT_FILE, lambda: (_TEMPLATES / "site.js").read_text("utf-8"))
    values = cache(
        lambda number: compared_values(contents.by_number[number], contents.facts[number])
    )
    views = ArtifactViews(contents, files)
    states = {run.number: _run_state(contents, run) for run in contents.runs}
    after: dict[str, Run] = {}
    for run in contents.runs:
        _write_run(views, pages, run, after.get(run.pipeline), values, states, refresh)
        after[run.pipeline] = run
    for number in contents.artifacts:
        pages.write(
            artifact_page(number),
            lambda number=number: _render(  # type: ignore[misc]
                "artifact.html", "../", **artifact_content(views, number)
            ),
            artifact_state(contents, number),
        )
    pages.write(RUNS_FILE, lambda: runs_script(contents.runs))
    pages.write(_COMPARE_FILE, lambda: _render("compare.html", ""))
    pages.write(
        INDEX_FILE,
        lambda: _render("index.html", "", refresh, **index_content(contents, files)),
    )
    pages.save()


def _write_run(
    views: ArtifactViews,
    pages: _Pages,
    run: Run,
    after: Run | None,
    values: Callable[[int], Values],
    states: dict[int, str],
    refresh: int | None,
) -> None:
    contents, files = views.contents, views.files
    before = contents.before(run)
    running = run.state == RUNNING
    state = (
        states[run.number],
        states[before.number] if before else None,
        after.number if after else None,
        time.time() if running else None,  # its page changes all the time
        len(contents.whole_run(run.pipeline).nodes),
    )

    def render() -> str:
        content = run_content(views, run, after, lambda one: values(one.number))
        return _render("run.html", "../", refresh if running else None, **content)

    pages.write(run_page(run.number), render, state)
    pages.write(data_file(run.number), lambda: run_script(files, run, values(run.number)), state[0])


def _run_state(contents: Contents, run: Run) -> str:
    """A hash of all that the page of a run depends on."""
    config = run.folder / CONFIG_FILE if run.folder else None
    changed = config.stat().st_mtime if config and config.is_file() else None
    ids = {output.id for node in run.nodes for found in node.outputs.values() for output in found}
    return _hash((run, contents.facts[run.number], sorted(ids & contents.gone), changed))


def _render(template: str, root: str, refresh: int | None = None, **content: Any) -> str:
    return render_page(_TEMPLATES, template, root=root, refresh=refresh, **content)


def _hash(value: Any) -> str:
    return hashlib.blake2b(
        repr(value).encode("utf-8", "backslashreplace"), digest_size=12
    ).hexdigest()


@cache
def _version() -> str:
    """A hash of the code and the templates, because another version writes other pages."""
    paths = [
        *Path(__file__).parent.rglob("*.py"),
        *_TEMPLATES.iterdir(),
        *SHARED_TEMPLATES.iterdir(),
    ]
    return _hash([path.read_bytes() for path in sorted(paths)])


class _Pages:
    """The files of a site, and what each was made from."""

    def __init__(self, site: Path) -> None:
        self._site = site
        self.written = self.kept = 0
        site.mkdir(parents=True, exist_ok=True)
        self._before = self._read()
        if not (site / _PAGES_FILE).exists():  # first, because it marks the folder as a site
            atomic.write_file(site / _PAGES_FILE, b"{}")
        for name in _FOLDERS:
            (site / name).mkdir(parents=True, exist_ok=True)
        self._there = {
            os.path.relpath(entry.path, site)
            for folder in (site, *(site / name for name in _FOLDERS))
            for entry in os.scandir(folder)
        }
        self._states: dict[str, str] = {}
        self._current: set[str] = set()

    def write(self, name: str, render: Callable[[], str], state: Any = None) -> None:
        """Writes a page unless it was made from the same state before. None: it is always written."""
        self._current.add(name)
        if state is not None:
            self._states[name] = _hash((_version(), state))
            if name in self._there and self._before.get(name) == self._states[name]:
                self.kept += 1
                return
        atomic.write_file(self._site / name, render().encode("utf-8", "backslashreplace"))
        self.written += 1

    def save(self) -> None:
        """Remembers what the pages were made from, and deletes those of runs that were removed."""
        for name in self._there - self._current:
            if name.startswith(tuple(f"{folder}/" for folder in _FOLDERS)):
                (self._site / name).unlink(missing_ok=True)
        atomic.write_file(self._site / _PAGES_FILE, json.dumps(self._states).encode())

    def _read(self) -> dict[str, str]:
        try:
            values = json.loads((self._site / _PAGES_FILE).read_bytes())
        except (OSError, ValueError):
            return {}
        return values if isinstance(values, dict) else {}
