"""`mocogan generate --caption`: clips of a caption, and what users may type."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mocogan.components.video_evaluator.sampling import ClipModel
from mocogan.pipeline.generate.caption_notes import caption_notes
from mocogan.pipeline.generate.clip_source import CannotDraw
from mocogan.pipeline.generate.request import RequestRefused, read_request
from mocogan.pipeline.generate.result import Generated
from mocogan.pipeline.generate.runner import GenerationFailed, generate, run_generate
from tests.support.captions import export_captioned


@pytest.fixture(scope="module")
def captioned(tmp_path_factory: pytest.TempPathFactory) -> str:
    return export_captioned(str(tmp_path_factory.mktemp("captioned") / "model"))


@pytest.fixture(scope="module")
def captioned_clips(captioned: str) -> ClipModel:
    return ClipModel(captioned)


def clips_of(model: str, out: Path, **options: object) -> tuple[Generated, np.ndarray]:
    request = read_request(format="npy", seeds="3,5", **options)
    generated = generate(model, request, str(out))
    return generated, np.stack([np.load(out / file.file) for file in generated.files])


@pytest.mark.exhaustive
def test_clips_follow_the_caption(captioned: str, tmp_path: Path) -> None:
    red, clips = clips_of(captioned, tmp_path / "red", caption="A red square!")
    assert [file.file for file in red.files] == [
        "seed-000003-A-red-square.npy",
        "seed-000005-A-red-square.npy",
    ]
    assert (red.caption, red.notes) == ("A red square!", ())
    _, same = clips_of(captioned, tmp_path / "same", caption="a red square")
    np.testing.assert_array_equal(same, clips)
    _, other = clips_of(captioned, tmp_path / "other", caption="a blue square")
    assert (other != clips).any()
    _, long = clips_of(captioned, tmp_path / "long", caption="a red square", frames=9, label="run")
    assert long.shape[1] == 9


def test_unknown_words_and_long_captions_are_named_before_drawing(
    captioned: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    caption = f"a redd Sqare hexagon {'disc ' * 1000}"
    request = read_request(num=1, format="npy", caption=caption)
    assert run_generate(captioned, request, str(tmp_path / "out")) == 0
    lines = capsys.readouterr().err.splitlines()  # a slow machine shows progress too
    assert [line for line in lines if line.startswith("note: ")] == [
        "note: the model does not know 3 words of the caption: redd (near: red), sqare (near: square), hexagon",
        "note: the caption has 1004 words. The model reads the first 32, up to 'disc'",
    ]


@pytest.mark.parametrize(
    ("caption", "message"),
    [
        (
            "ein roter Kreis",
            "knows no word of --caption 'ein roter Kreis'. Its 5 words: a, red, bl",
        ),
        ("?!", "knows no word of --caption '[?]!'"),
        ("漢字", "knows no word of --caption"),
    ],
)
def test_a_caption_without_a_known_word_is_refused(
    captioned_clips: ClipModel, caption: str, message: str
) -> None:
    with pytest.raises(CannotDraw, match=message):
        caption_notes(captioned_clips, caption)


def test_a_refused_caption_leaves_no_folder(captioned: str, tmp_path: Path) -> None:
    with pytest.raises(GenerationFailed, match="knows no word"):
        run_generate(captioned, read_request(num=1, caption="rot"), str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("caption", ["", "  \n"])
def test_an_empty_caption_is_refused(caption: str) -> None:
    with pytest.raises(RequestRefused, match="--caption is empty"):
        read_request(caption=caption)


def test_a_model_without_captions_says_so(tiny_model: str, tmp_path: Path) -> None:
    with pytest.raises(GenerationFailed, match="was trained without captions"):
        run_generate(tiny_model, read_request(num=1, caption="a"), str(tmp_path / "out"))
