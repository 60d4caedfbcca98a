"""Runs the notebooks, and stores their outputs small: pages as pictures, without paths of this machine.

    python scripts/notebook_outputs.py [mocogan|components]

Pages are drawn by Chromium. It can be named in CHROMIUM.
"""

from __future__ import annotations

import base64
import html
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from PIL import Image

FOLDER = Path(__file__).parents[1] / "notebooks"
SETTINGS_TAG = "parameters"  # of the cell with the settings
MAX_BYTES = 1_000_000  # of a stored notebook
_RESULTS = FOLDER / "output"  # what the notebooks write
_WIDTH = 1000  # pixels of the window in which pages are drawn
_COLORS = 64  # of a drawn page
_FRAME = re.compile(r'<iframe\s.*?(srcdoc|src)="([^"]*)".*?</iframe>', re.DOTALL)


def run(
    path: Path,
    settings: Mapping[str, Any],
    after_cell: Callable[[NotebookNode], None] | None = None,
) -> NotebookNode:
    """Runs a notebook in its folder, with the kernel of this environment.

    Args:
        path: The notebook.
        settings: Values that replace those of the cell with the settings.
        after_cell: Called with each cell when it has run. Servers of the notebook are still there.

    Returns:
        The notebook with its outputs. The settings are added as a cell of their own.

    Raises:
        nbclient.exceptions.CellExecutionError: A cell failed.
    """
    notebook = nbformat.read(path, as_version=4)
    if settings:
        place = next(
            number
            for number, cell in enumerate(notebook.cells)
            if SETTINGS_TAG in cell.metadata.get("tags", ())
        )
        source = "\n".join(f"{name} = {value!r}" for name, value in settings.items())
        notebook.cells.insert(place + 1, nbformat.v4.new_code_cell(source))
    client = NotebookClient(
        notebook, timeout=None, kernel_name="python3", resources={"metadata": {"path": path.parent}}
    )
    if after_cell is not None:
        client.on_cell_executed = lambda cell, cell_index, execute_reply: after_cell(cell)
    with tempfile.TemporaryDirectory() as temporary:
        try:
            client.execute(env={**os.environ, "TMPDIR": temporary})
        finally:
            _end_tensorboards(Path(temporary))
    return notebook


def _end_tensorboards(temporary: Path) -> None:
    """Ends what `%tensorboard` has started. It would go on after the kernel."""
    for file in temporary.glob(".tensorboard-info/pid-*.info"):
        with suppress(ProcessLookupError):
            os.kill(json.loads(file.read_text(encoding="utf-8"))["pid"], signal.SIGTERM)


def store(path: Path) -> None:
    """Runs a notebook with its own settings, and stores it with small outputs."""
    notebook = run(path, {}, after_cell=_draw_pages)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    notebook.metadata.pop("language_info", None)
    text = nbformat.writes(notebook)
    for place in (f"{FOLDER}/", f"{FOLDER.parent}/", str(FOLDER.parent), f"{Path.home()}/"):
        text = text.replace(place, "")
    if len(text.encode()) > MAX_BYTES:
        raise SystemExit(f"{path.name} has {len(text.encode()):,} bytes, more than {MAX_BYTES:,}")
    path.write_text(text + "\n", encoding="utf-8")


def _draw_pages(cell: NotebookNode) -> None:
    """Replaces each frame in the outputs of a cell with a picture of what it shows."""
    for output in cell.get("outputs", ()):
        found = _FRAME.search(output.get("data", {}).get("text/html", ""))
        if found is not None:
            kind, content = found[1], html.unescape(found[2])
            output.data = NotebookNode({"image/png": _picture(kind, content)})
            output.metadata = NotebookNode()


def _picture(kind: str, content: str) -> str:
    """A picture of an address (`src`) or of a page (`srcdoc`): PNG in base64."""
    program = (
        os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    )
    if program is None:
        raise SystemExit("pages are drawn by Chromium: install it, or name it in CHROMIUM")
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "page.html")
        if kind == "srcdoc":
            page.write_text(content, encoding="utf-8")
        address = content if kind == "src" else page.as_uri()
        drawn = Path(folder, "drawn.png")
        flags = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars")
        limits = (f"--window-size={_WIDTH},700", "--virtual-time-budget=20000")
        subprocess.run(
            [
                program,
                *flags,
                *limits,
                f"--user-data-dir={folder}/profile",
                f"--screenshot={drawn}",
                address,
            ],
            check=True,
            capture_output=True,
        )
        small = BytesIO()
        with Image.open(drawn) as picture:
            picture.convert("RGB").quantize(_COLORS, dither=Image.Dither.NONE).save(
                small, "PNG", optimize=True
            )
    return base64.b64encode(small.getvalue()).decode()


if __name__ == "__main__":
    shutil.rmtree(_RESULTS, ignore_errors=True)
    for name in sys.argv[1:] or ("mocogan", "components"):
        store(FOLDER / f"{name}.ipynb")
