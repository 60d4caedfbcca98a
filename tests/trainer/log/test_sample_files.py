from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mocogan.data.encoding.png_strip import decode_png_strips
from mocogan.data.pixels import clips_to_grid
from mocogan.trainer.log.sample_files import SampleFiles, encode_grid, step_name

CLIPS = np.random.default_rng(0).integers(256, size=(6, 4, 8, 8, 3), dtype=np.uint8)


def test_the_film_strips_hold_the_exact_clips_and_the_gif_their_grid(tmp_path: Path) -> None:
    grid = encode_grid(CLIPS, fps=25.0)
    assert (grid.width, grid.height) == (4 * 8 + 3 * 2, 2 * 8 + 2)
    SampleFiles(str(tmp_path / "samples")).write("step-000500", CLIPS, grid)
    strips = (tmp_path / "samples" / "step-000500.png").read_bytes()
    np.testing.assert_array_equal(decode_png_strips(strips), CLIPS)
    with Image.open(tmp_path / "samples" / "step-000500.gif") as image:
        assert (image.n_frames, image.size) == (4, (grid.width, grid.height))
        first = np.asarray(image.convert("RGB"), np.float32)
    # A GIF has 256 colors.
    expected = clips_to_grid(CLIPS, 4)[0]
    assert np.abs(first - expected).mean() < 30 < np.abs(first - expected[::-1]).mean()


@pytest.mark.parametrize(("fps", "milliseconds"), [(25.0, 40), (None, 100)])
def test_grids_play_at_the_rate_of_the_clips(
    tmp_path: Path, fps: float | None, milliseconds: int
) -> None:
    path = tmp_path / "grid.gif"
    path.write_bytes(encode_grid(CLIPS, fps).gif)
    with Image.open(path) as image:
        assert image.info["duration"] == milliseconds


def test_samples_of_later_steps_are_deleted(tmp_path: Path) -> None:
    files = SampleFiles(str(tmp_path))
    names = [step_name(step) for step in (0, 500, 1000)]
    for name in (*names, "real"):
        files.write(name, CLIPS, encode_grid(CLIPS, None))
    (tmp_path / "step-mine.gif").touch()
    files.keep_until(500)
    assert sorted(path.stem for path in tmp_path.glob("*.png")) == ["real", *names[:2]]
    assert sorted(path.stem for path in tmp_path.glob("*.gif")) == ["real", *names[:2], "step-mine"]
    assert files.has("step-000500")
    assert not files.has("step-001000")


def test_a_folder_that_is_missing_has_no_samples(tmp_path: Path) -> None:
    files = SampleFiles(str(tmp_path / "samples"))
    files.keep_until(0)
    assert not files.has("real")
