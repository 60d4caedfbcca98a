"""`generate` in this process: the files and their description."""

from __future__ import annotations

import hashlib
import resource
from pathlib import Path

import numpy as np
import pytest

from mocogan.data.encoding.registry import encode_clip
from mocogan.data.pixels import clips_to_grid
from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.generate.request import read_request
from mocogan.pipeline.generate.result import Generated
from mocogan.pipeline.generate.runner import GenerationFailed, generate, run_generate


def make(model: str, out: Path, **options: object) -> Generated:
    return generate(model, read_request(**options), str(out))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def load(folder: Path, name: str) -> np.ndarray:
    return np.load(folder / name)


def clips_of_seeds(model: str, out: Path, *seeds: int, **options: object) -> np.ndarray:
    generated = make(model, out, seeds=",".join(map(str, seeds)), format="npy", **options)
    return np.stack([load(out, file.file) for file in generated.files])


def test_each_clip_is_a_file_and_can_be_made_alone(tiny_model: str, tmp_path: Path):
    generated = make(tiny_model, tmp_path / "all", num=3, seed=7, format="webp")
    expected = [f"seed-00000{n}.webp" for n in (7, 8, 9)]
    assert names(tmp_path / "all") == ["generated.json", *expected]
    assert [file.file for file in generated.files] == expected
    assert [file.seeds for file in generated.files] == [(7,), (8,), (9,)]
    make(tiny_model, tmp_path / "one", num=1, seed=8, format="webp")
    content = (tmp_path / "one" / "seed-000008.webp").read_bytes()
    assert (tmp_path / "all" / "seed-000008.webp").read_bytes() == content
    assert generated.files[1].sha256 == hashlib.sha256(content).hexdigest()


def test_the_description_says_what_was_made(tiny_model: str, tmp_path: Path):
    request = read_request(num=1, label="a/b c", format="mp4")
    returned = generate(tiny_model, request, str(tmp_path / "out"), command="mocogan generate")
    content = (tmp_path / "out" / "generated.json").read_text("utf-8")
    assert Generated.model_validate_json(content) == returned
    (file,) = returned.files
    assert (file.file, file.labels) == ("seed-000000-a-b-c.mp4", ("a/b c",))
    assert (returned.fps, returned.frames, returned.scale) == (12.5, 4, 4)
    assert returned.model.path == tiny_model
    assert len(returned.model.sha256) == 64
    assert returned.command == "mocogan generate"
    assert {"mocogan-tfx", "tensorflow", "python"} <= set(returned.versions)
    assert returned.notes == ()


def test_an_unknown_rate_is_ten_frames_per_second_with_a_note(older_model: str, tmp_path: Path):
    generated = make(older_model, tmp_path / "out", num=1)
    assert generated.fps == 10
    assert generated.files[0].labels == (None,)
    (note,) = generated.notes
    assert note.startswith("the model does not know its frame rate, so clips play at 10 frames")
    assert make(older_model, tmp_path / "out", num=1, fps=25).notes == ()
    (note,) = make(older_model, tmp_path / "out", num=1, fps=100).notes
    assert note.startswith("players slow down a gif of more than 50 frames per second")


def test_a_grid_has_all_clips_in_one_file(tiny_model: str, tmp_path: Path):
    generated = make(tiny_model, tmp_path / "grid", grid="2x3", num=5, seed=2, format="npy")
    assert names(tmp_path / "grid") == ["generated.json", "grid-seeds-000002-000006.npy"]
    clips = clips_of_seeds(tiny_model, tmp_path / "clips", 2, 3, 4, 5, 6)
    shown = load(tmp_path / "grid", generated.files[0].file)
    np.testing.assert_array_equal(shown, clips_to_grid(clips, 3))
    assert generated.files[0].seeds == (2, 3, 4, 5, 6)


def test_the_diagonal_of_a_matrix_shows_the_clips_of_the_seeds(tiny_model: str, tmp_path: Path):
    generated = make(tiny_model, tmp_path / "m", matrix=True, grid="2x3", seed=2, format="npy")
    (file,) = generated.files
    assert file.file == "matrix-seeds-000002-000004.npy"
    assert (file.seeds, file.motion_seeds, len(file.labels)) == ((2, 3), (2, 3, 4), 3)
    matrix = load(tmp_path / "m", file.file)
    assert matrix.shape == (4, 18, 28, 3)
    first, second = clips_of_seeds(tiny_model, tmp_path / "clips", 2, 3)
    np.testing.assert_array_equal(matrix[:, :8, :8], first)
    np.testing.assert_array_equal(matrix[:, 10:, 10:18], second)
    assert (matrix[:, :8, 10:18] != second).any()


def test_a_changing_content_is_one_clip(tiny_model: str, tmp_path: Path):
    generated = make(tiny_model, tmp_path / "out", interpolate="content", num=3, format="npy")
    (file,) = generated.files
    assert file.file == "interpolate-content-seeds-000000-000002.npy"
    assert generated.frames == 12
    frames = load(tmp_path / "out", file.file)
    assert frames.shape == (12, 8, 8, 3)
    (clip,) = clips_of_seeds(tiny_model, tmp_path / "clip", 0)
    np.testing.assert_array_equal(frames[0], clip[0])
    assert len(file.labels) == 3


@pytest.mark.exhaustive
def test_a_changing_motion_is_a_grid(tiny_model: str, tmp_path: Path):
    generated = make(tiny_model, tmp_path / "out", interpolate="motion", num=2, format="npy")
    assert generated.files[0].file == "interpolate-motion-seeds-000000-000001.npy"
    grid = load(tmp_path / "out", generated.files[0].file)
    assert grid.shape == (4, 18, 78, 3)
    (clip,) = clips_of_seeds(tiny_model, tmp_path / "clip", 0)
    np.testing.assert_array_equal(grid[:, :8, :8], clip)


@pytest.mark.exhaustive
def test_48_frames_begin_with_the_clip_of_the_seed(tiny_model: str, tmp_path: Path):
    (longer,) = clips_of_seeds(tiny_model, tmp_path / "longer", 5, frames=48)
    (clip,) = clips_of_seeds(tiny_model, tmp_path / "clip", 5)
    assert longer.shape == (48, 8, 8, 3)
    np.testing.assert_array_equal(longer[:4], clip)
    make(tiny_model, tmp_path / "gif", seeds="5", frames=48)
    content = (tmp_path / "gif" / "seed-000005.gif").read_bytes()
    assert content == encode_clip(longer, "gif", 12.5)


def test_an_earlier_result_is_replaced_and_other_files_never(older_model: str, tmp_path: Path):
    out = tmp_path / "out"
    make(older_model, out, num=2, format="npy")
    make(older_model, out, num=1, seed=9, format="npy")
    assert names(out) == ["generated.json", "seed-000009.npy"]
    (out / "mine.txt").touch()
    with pytest.raises(ExpectedError, match=r"contains mine.txt, which no generation wrote"):
        make(older_model, out, num=1)
    assert names(tmp_path) == ["out"]


def test_an_older_model_makes_a_matrix(older_model: str, tmp_path: Path):
    generated = make(older_model, tmp_path / "out", matrix=True, grid="2x2", format="npy")
    assert load(tmp_path / "out", generated.files[0].file).shape == (4, 34, 34, 3)
    assert generated.files[0].labels == (None, None)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"grid": "32x32", "scale": 32}, "are too large, at most 8192 play everywhere"),
        ({"frames": 10_000, "scale": 32, "num": 1}, "one file would have 1.8 GB of pixels"),
    ],
)
def test_a_file_that_is_too_large_is_refused(
    tiny_model: str, tmp_path: Path, options: dict[str, object], message: str
):
    with pytest.raises(ExpectedError, match=message):
        make(tiny_model, tmp_path / "out", **options)
    assert names(tmp_path) == []


def test_a_full_disk_leaves_the_earlier_result(older_model: str, tmp_path: Path):
    """No file can be larger than 500 bytes, so the first clip does not fit."""
    make(older_model, tmp_path / "out", num=1, format="npy")
    before = names(tmp_path / "out")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, hard))
    try:
        with pytest.raises(
            GenerationFailed, match=r"--out .*out cannot be written: File too large"
        ):
            run_generate(older_model, read_request(num=2, format="npy"), str(tmp_path / "out"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert names(tmp_path / "out") == before
    assert names(tmp_path) == ["out"]
