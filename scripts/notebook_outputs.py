"""Runs the notebooks, and stores their outputs small: pages as pictures, without paths of this machine.

    python scripts/notebook_outputs.py [mocogan|components]

Pages are drawn by Chromium. The variable CHROMIUM names another program than `chromium` on PATH.
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
_WIDTH, _HEIGHT = 1000, 700  # pixels of a drawn page
_COLORS = 64  # of a drawn page
_PAGE = re.compile(r'<iframe\s[^>]*?srcdoc="([^"]*)"')
_ADDRESS = re.compile(r'<iframe\s[^>]*?src="([^"]*)"')
_PORT_OF_TENSORBOARD = re.compile(r"const port = (\d+);")


def run(
    path: Path,
    settings: Mapping[str, Any],
    at_end: Callable[[NotebookNode], None] | None = None,
) -> NotebookNode:
    """Runs a notebook in its folder, with the kernel of this environment.

    Args:
        path: The notebook.
        settings: Values that replace those of the cell with the settings.
        at_end: Called with the notebook before its kernel ends, so servers of the notebook still answer.

    Returns:
        The notebook with its outputs. The settings are added as a cell of their own.

    Raises:
        nbclient.exceptions.CellExecutionError: A cell failed.
    """
    notebook = nbformat.read(path, as_version=4)
    if settings:
        _insert_settings(notebook, settings)
    client = NotebookClient(
        notebook, timeout=None, kernel_name="python3", resources={"metadata": {"path": path.parent}}
    )
    with tempfile.TemporaryDirectory() as temporary:
        try:
            with client.setup_kernel(env={**os.environ, "TMPDIR": temporary}):
                for number, cell in enumerate(notebook.cells):
                    client.execute_cell(cell, number)
                if at_end is not None:
                    at_end(notebook)
        finally:
            _end_tensorboards(Path(temporary))
    return notebook


def store(path: Path) -> None:
    """Runs a notebook with its own settings, and stores it with small outputs."""
    notebook = run(path, {}, at_end=_draw_pages)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    text = nbformat.writes(notebook)
    for place in (f"{FOLDER}/", f"{FOLDER.parent}/", str(FOLDER.parent), f"{Path.home()}/"):
        text = text.replace(place, "")
    if len(text.encode()) > MAX_BYTES:
        raise SystemExit(f"{path.name} has {len(text.encode()):,} bytes, more than {MAX_BYTES:,}")
    path.write_text(text + "\n", encoding="utf-8")


def _insert_settings(notebook: NotebookNode, settings: Mapping[str, Any]) -> None:
    tags = [cell.metadata.get("tags", ()) for cell in notebook.cells]
    place = next(number for number, names in enumerate(tags) if SETTINGS_TAG in names)
    source = "\n".join(f"{name} = {value!r}" for name, value in settings.items())
    notebook.cells.insert(place + 1, nbformat.v4.new_code_cell(source))


def _end_tensorboards(temporary: Path) -> None:
    """Ends what TensorBoard's extension has started. It would go on after the kernel."""
    for file in temporary.glob(".tensorboard-info/pid-*.info"):
        with suppress(ProcessLookupError):
            os.kill(json.loads(file.read_text(encoding="utf-8"))["pid"], signal.SIGTERM)


def _draw_pages(notebook: NotebookNode) -> None:
    """Replaces each frame in the outputs with a picture of what it shows."""
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            picture = _picture_of(output.get("data", {}).get("text/html", ""))
            if picture is not None:
                output.data = NotebookNode({"image/png": picture})
                output.metadata = NotebookNode()


def _picture_of(shown: str) -> str | None:
    """A picture of the frame in an output: PNG in base64. None: there is no frame."""
    if (page := _PAGE.search(shown)) is not None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "page.html")
            file.write_text(html.unescape(page[1]), encoding="utf-8")
            return _picture(file.as_uri())
    if (port := _PORT_OF_TENSORBOARD.search(shown)) is not None:
        return _picture(f"http://127.0.0.1:{port[1]}/")
    if (address := _ADDRESS.search(shown)) is not None:
        return _picture(html.unescape(address[1]))
    return None


def _picture(address: str) -> str:
    """A picture of the page at an address: PNG in base64."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if program is None:
        raise SystemExit("pages are drawn by Chromium. Install it, or name it in CHROMIUM")
    with tempfile.TemporaryDirectory() as folder:
        drawn = Path(folder, "drawn.png")
        options = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars")
        files = (f"--user-data-dir={folder}/profile", f"--screenshot={drawn}")
        limits = (f"--window-size={_WIDTH},{_HEIGHT}", "--virtual-time-budget=20000")
        command = [program, *options, *files, *limits, address]
        subprocess.run(command, check=True, capture_output=True)
        small = BytesIO()
        with Image.open(drawn) as picture:
            colors = picture.convert("RGB").quantize(_COLORS, dither=Image.Dither.NONE)
            colors.save(small, "PNG", optimize=True)
    return base64.b64encode(small.getvalue()).decode()


if __name__ == "__main__":
    shutil.rmtree(_RESULTS, ignore_errors=True)
    for name in sys.argv[1:] or ("mocogan", "components"):
        store(FOLDER / f"{name}.ipynb")
