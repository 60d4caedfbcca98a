"""Shows files in a notebook: pages in a frame, moving clips, and the samples of a training while it runs."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from IPython.display import HTML, Image, Markdown, display

from mocogan_notebook.commands import looking


def newest(pattern: str) -> Path:
    """The file or folder that was changed last.

    Args:
        pattern: A path below the working directory, in which `*` stands for any name.

    Raises:
        FileNotFoundError: There is none.
    """
    found = max(_matches(pattern), key=lambda path: path.stat().st_mtime, default=None)
    if found is None:
        raise FileNotFoundError(f"there is no {pattern}")
    return found


def show_page(page: str | Path, height: int = 600) -> None:
    """Shows an HTML page in a frame of `height` pixels. The page must need no other file."""
    source = html.escape(Path(page).read_text(encoding="utf-8"))
    display(HTML(f'<div><iframe srcdoc="{source}" width="100%" height="{height}"></iframe></div>'))


def show_clips(folder: str | Path) -> None:
    """Shows the GIFs that `mocogan generate` wrote into a folder, with their seeds and classes."""
    content = json.loads(Path(folder, "generated.json").read_text(encoding="utf-8"))
    for file in content["files"]:
        display(Markdown(_caption(file)), gif(Path(folder, file["file"])))


def gif(path: Path) -> Image:
    """A moving picture for `display`."""
    return Image(data=path.read_bytes(), format="gif")


@contextmanager
def live_samples(log_root: str | Path) -> Iterator[None]:
    """Shows the newest samples of the training that runs in this block, and replaces them when there are newer ones.

    Args:
        log_root: Folder with a folder for each training, such as `output/tensorboard`.
    """
    pattern = f"{log_root}/*/samples/step-*.gif"
    earlier = {path: path.stat().st_mtime for path in _matches(pattern)}
    text, picture = (display(Markdown(""), display_id=True) for _ in range(2))
    shown: list[Path] = []

    def look() -> None:
        written = [path for path in _matches(pattern) if path.stat().st_mtime != earlier.get(path)]
        last = max(written, key=lambda path: path.name, default=None)
        if last is None or shown[-1:] == [last]:
            return
        shown.append(last)
        step = int(last.stem.rpartition("-")[2])
        text.update(Markdown(f"Samples after step {step}, always of the same latents:"))
        picture.update(gif(last))

    with looking(look):
        yield


def _matches(pattern: str) -> list[Path]:
    root = Path(pattern).anchor or "."
    return list(Path(root).glob(str(Path(pattern).relative_to(root))))


def _caption(file: dict[str, list[object]]) -> str:
    """Such as "seeds 0 to 7, class wave"."""
    seeds, labels = file["seeds"], {label for label in file["labels"] if label is not None}
    text = f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {seeds[0]} to {seeds[-1]}"
    return f"{text}, class {labels.pop()}" if len(labels) == 1 else text
