"""Addresses of clips answer what `mocogan generate` writes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from urllib.parse import unquote, urlencode

import numpy as np
import pytest

from mocogan.pipeline.generate.request import read_request
from mocogan.pipeline.generate.runner import generate
from mocogan.pipeline.serving.model.model_source import find_source
from mocogan.pipeline.serving.page import clip_requests
from mocogan.pipeline.serving.server import ServeOptions, Server
from tests.support.served import Answer, Served, request, strip_of


def ask(served: Served, what: str = "generate", **query: object) -> Answer:
    return served.get(f"/api/{what}?{urlencode(query)}")


@pytest.mark.parametrize(
    "options",
    [
        {"seed": 7, "num": 1, "format": "gif"},
        {"seed": 7, "num": 1, "format": "mp4", "label": "run", "frames": 6},
        {"seeds": "3,9", "grid": "1x2", "format": "webp", "fps": 5.0},
        {"matrix": True, "grid": "2x3", "format": "apng", "scale": 1},
        {"interpolate": "content", "num": 2, "format": "npy"},
        {"interpolate": "motion", "num": 2, "format": "png-strip", "truncation": 0.5},
    ],
    ids=lambda options: options["format"],
)
def test_a_file_is_the_one_that_the_command_writes(
    served: Served, tmp_path: Path, options: dict[str, object]
) -> None:
    answer = ask(served, **options)
    assert answer.status == 200, answer.content
    written = generate(str(served.folder / "1"), read_request(**options), str(tmp_path / "out"))
    (file,) = written.files
    assert (tmp_path / "out" / file.file).read_bytes() == answer.content
    assert tuple(json.loads(unquote(answer.headers["mocogan-labels"]))) == file.labels[:16]
    downloaded = ask(served, **options, download=True).headers["content-disposition"]
    assert downloaded == f'attachment; filename="{file.file}"'


def test_a_seed_alone_is_one_clip(served: Served) -> None:
    assert ask(served, seed=7, format="webp").content == ask(served, seeds=7, format="webp").content
    assert ask(served).headers["content-type"] == "image/gif"


def test_unknown_words_of_a_caption_are_named_beside_the_clip(captioned: Served) -> None:
    answer = ask(captioned, seed=3, caption="a red sqare")
    assert json.loads(unquote(answer.headers["mocogan-notes"])) == [
        "the model does not know a word of the caption: sqare (near: square)"
    ]
    assert "mocogan-notes" not in ask(captioned, seed=3, caption="a red square").headers
    refused = ask(captioned, seed=3, caption="ein roter Kreis")
    assert (refused.status, refused.error.split(".")[0]) == (
        400,
        "the model knows no word of caption 'ein roter Kreis'",
    )


def test_a_mix_goes_from_seed_to_seed(served: Served) -> None:
    def mix(**query: object) -> np.ndarray:
        answer = ask(served, "mix", format="png-strip", **query)
        assert answer.status == 200, answer.content
        return strip_of(answer.content)

    same = strip_of(ask(served, seed=3, format="png-strip").content)
    np.testing.assert_array_equal(mix(content=3, motion=3), same)
    # Place 0 of the way is the first seed, and place 1 the second one.
    np.testing.assert_array_equal(mix(content=5, content_to=3, content_at=1, motion=3), same)
    np.testing.assert_array_equal(
        mix(content=3, motion=5, motion_to=3, motion_at=1, label="run"),
        mix(content=3, motion=3, label="run"),
    )
    between = mix(content=3, content_to=5, content_at=0.5, motion=3)
    assert (between != same).any()
    assert (between != mix(content=5, motion=3)).any()


def test_addresses_with_a_version_are_kept_by_browsers(served: Served) -> None:
    fixed, newest = ask(served, seed=7, version=1), ask(served, seed=7)
    assert fixed.headers["cache-control"] == "max-age=31536000, immutable"
    assert newest.headers["cache-control"] == "no-cache"
    again = served.get("/api/generate?seed=7", If_None_Match=newest.headers["etag"])
    assert (again.status, again.content) == (304, b"")
    assert ask(served, seed=7, version=9).status == 404


@pytest.mark.exhaustive
def test_clips_of_a_model_without_a_number_are_not_kept(
    models: tuple[str, str], tmp_path: Path
) -> None:
    model = shutil.copytree(models[0], tmp_path / "model")
    options = ServeOptions(port=0, grpc_port=None)
    server = Server(options, lambda: find_source(str(model), False))  # the number is 1
    server.start()
    answer = request(server.port, "GET", "/api/generate?seed=7&version=1")
    server.stop()
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-cache")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"seeds": "1,2"}, "several seeds need grid, matrix or interpolate"),
        ({"seeds": "x"}, "seeds must be numbers and ranges"),
        ({"seed": -1}, "seed must be 0 to"),
        ({"seed": "x"}, "seed: Input should be a valid integer"),
        ({"format": "exe"}, "format must be one of gif, mp4"),
        ({"label": "fly"}, "the model has no class 'fly'"),
        (
            {"grid": "9x9"},
            "a request may draw at most 64 clips of 4 frames, this one would draw 81",
        ),
        (
            {"grid": "4x4", "frames": 100},
            "a request may draw at most 64 clips of 4 frames, this one would draw 400",
        ),
        ({"num": 10**9, "grid": "4x4"}, "num must be 1 to 100000"),
        ({"frames": 10**9}, "frames must be 1 to"),
        ({"interpolate": "content", "frames": 100}, "a request may draw at most 64 clips"),
        ({"version": "../../etc"}, "a version must be a number"),
    ],
)
def test_wrong_requests_are_told_what_is_wrong(
    served: Served, query: dict[str, object], message: str
) -> None:
    answer = ask(served, **query)
    assert (answer.status, answer.error[: len(message)]) == (400, message)
    assert str(served.folder) not in answer.error


def test_a_file_of_too_many_pixels_is_refused(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clip_requests, "_MOST_PIXELS", 4 * 8 * 8 * 9)
    assert ask(served, scale=3).status == 200
    answer = ask(served, scale=4)
    assert (answer.status, answer.error) == (
        400,
        "the file would be too large. Choose a smaller scale",
    )
