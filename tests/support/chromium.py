"""Shows an HTML file in a headless Chromium without a network, and tells what the browser found."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--allow-file-access-from-files",  # the frame's script reads the page
    "--enable-logging=stderr",
)
_SECONDS = 300  # a busy machine is slow
_WINDOW_FRAME = 200  # pixels; some versions count the bars of the window, which a screenshot lacks

# The page is shown in a frame, because windows are at least 500 pixels wide. The page may forbid scripts, so the
# frame's parent looks at it.
_FRAME = """<!DOCTYPE html><meta charset="utf-8"><style>body{margin:0}iframe{border:0;display:block}</style>
<iframe src="SOURCE" width="WIDTH" height="HEIGHT"></iframe><script>
const canvas = Object.assign(document.createElement("canvas"), {width: 1, height: 1});
const context = canvas.getContext("2d", {willReadFrequently: true});
const isDrawn = image => {
  if (!image.complete || !image.naturalWidth) return false;
  context.clearRect(0, 0, 1, 1);
  context.drawImage(image, 0, 0, 1, 1);
  return context.getImageData(0, 0, 1, 1).data[3] === 255;
};
onload = () => {
  const page = document.querySelector("iframe").contentDocument;
  const result = document.createElement("pre");
  result.textContent = JSON.stringify({
    document: page.documentElement.outerHTML,
    images: [...page.images].map(image => ({source: image.currentSrc, is_drawn: isDrawn(image)})),
    requests: page.defaultView.performance.getEntriesByType("resource").map(entry => entry.name)
      .filter(name => !name.startsWith("data:")),
    content_width: page.documentElement.scrollWidth,
    height: page.documentElement.scrollHeight,
  });
  document.body.append(result);
};
</script>"""


@dataclass(frozen=True)
class ShownPage:
    """What a browser found in a page."""

    document: str  # its HTML after it was shown
    images: list[dict[str, Any]]  # `source` that the browser chose, and whether it `is_drawn`
    requests: list[str]  # addresses that the page tried to load
    content_width: (
        int  # pixels; more than the width of the window means that the page scrolls sideways
    )
    height: int  # pixels
    console: list[str]  # lines in the browser's console


def show_page(page: Path, folder: Path, width: int = 1280, *flags: str) -> ShownPage:
    """Opens the file `page` in a window of `width` pixels. `folder` is for temporary files.

    Skips the test if Chromium is not installed. `flags` are more flags of Chromium, such as
    `--force-prefers-reduced-motion`.
    """
    shown = _run(_frame(page, folder, width, 1000), folder, "--dump-dom", *flags)
    found = re.search(r"<pre>(.*?)</pre>", shown.stdout.decode("utf-8"), re.DOTALL)
    assert found, shown.stderr.decode("utf-8", "replace")
    console = [line for line in shown.stderr.decode("utf-8").splitlines() if "CONSOLE" in line]
    return ShownPage(**json.loads(html.unescape(found[1])), console=console)


def take_screenshot(page: Path, folder: Path, width: int, height: int, dark: bool = False) -> Path:
    """Draws the top of the page as `folder`/screenshot.png of `width` x `height` pixels. Skips as `show_page`."""
    picture = folder / "screenshot.png"
    frame = _frame(page, folder, width, height)
    theme = f"--blink-settings=preferredColorScheme={0 if dark else 1}"
    window = f"--window-size={width},{height + _WINDOW_FRAME}"
    _run(frame, folder, window, f"--screenshot={picture}", theme)
    with Image.open(picture) as drawn:
        drawn.crop((0, 0, width, height)).save(picture)
    return picture


def _frame(page: Path, folder: Path, width: int, height: int) -> Path:
    frame = folder / "frame.html"
    source = html.escape(page.resolve().as_uri())
    text = _FRAME.replace("SOURCE", source).replace("WIDTH", str(width))
    frame.write_text(text.replace("HEIGHT", str(height)), "utf-8")
    return frame


def _run(frame: Path, folder: Path, *flags: str) -> subprocess.CompletedProcess[bytes]:
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip("no Chromium is installed")
    profile = f"--user-data-dir={folder / 'profile'}"
    command = [program, profile, *_FLAGS, *flags, frame.as_uri()]
    return subprocess.run(command, capture_output=True, check=True, timeout=_SECONDS)
