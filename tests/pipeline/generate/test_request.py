from __future__ import annotations

import pytest

from mocogan.pipeline.generate.request import RequestRefused, read_request


def test_sixteen_clips_by_default():
    request = read_request()
    assert request.seeds == tuple(range(16))
    assert (request.format, request.scale) == ("gif", 2)
    assert read_request(format="mp4").scale == 4
    assert read_request(format="mp4", scale=1).scale == 1
    assert read_request(format="npy").scale == 1


def test_seeds():
    assert read_request(num=3, seed=7).seeds == (7, 8, 9)
    assert read_request(seeds="3, 7,10-12").seeds == (3, 7, 10, 11, 12)
    assert read_request(num=1, seed=2**63 - 1).seeds == (2**63 - 1,)


def test_a_grid_has_a_clip_in_each_cell_by_default():
    assert read_request(grid="2x3", seed=5).seeds == (5, 6, 7, 8, 9, 10)
    request = read_request(grid="2X3", num=4)
    assert (request.seeds, request.grid) == ((0, 1, 2, 3), (2, 3))


def test_a_matrix_has_the_same_seeds_in_rows_and_columns():
    request = read_request(matrix=True, seed=1)
    assert request.seeds == request.motion_seeds == (1, 2, 3, 4)
    request = read_request(matrix=True, grid="2x3")
    assert (request.seeds, request.motion_seeds, request.grid) == ((0, 1), (0, 1, 2), None)
    request = read_request(matrix=True, seeds="5,9")
    assert request.seeds == request.motion_seeds == (5, 9)


def test_an_interpolation_has_four_keyframes_by_default():
    assert read_request(interpolate="content").seeds == (0, 1, 2, 3)
    assert read_request(interpolate="motion", seeds="4,2").seeds == (4, 2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num": 0}, "--num must be 1 to 100000, because each clip is a file, got 0"),
        ({"num": 10**9}, "--num must be 1 to 100000, because each clip is a file, got 1000000000"),
        ({"frames": 0}, "--frames must be 1 to 10000, .* got 0"),
        ({"frames": 1001, "interpolate": "content"}, "--frames must be 1 to 1000, .* got 1001"),
        ({"fps": 0.0}, r"--fps must be 0.1 to 240.0, got 0.0"),
        ({"fps": float("nan")}, r"--fps must be 0.1 to 240.0, got nan"),
        ({"scale": 0}, "--scale must be 1 to 32, got 0"),
        ({"truncation": -1.0}, "--truncation must be 0.0 to 2.0, got -1.0"),
        ({"seed": -1}, "--seed must be 0 to .*, got -1"),
        ({"seed": 2**63 - 1}, "--seed must be 0 to 9223372036854775792, got "),
        ({"format": "avi"}, "--format must be one of gif, mp4, webp, apng, png-strip, npy, got 'a"),
        ({"interpolate": "both"}, "--interpolate must be content or motion, got 'both'"),
        ({"grid": "4"}, "--grid must be rows x columns such as 4x4, .* got '4'"),
        ({"grid": "0x4"}, "--grid must be rows x columns"),
        ({"grid": "100x100"}, "at most 1024 clips, got '100x100'"),
        ({"grid": "2x2", "num": 5}, "--grid 2x2 needs 1 to 4 clips or seeds, got 5"),
        ({"matrix": True, "num": 4}, "--matrix and --num exclude each other. --grid sets the size"),
        ({"matrix": True, "interpolate": "motion"}, "--matrix and --interpolate exclude"),
        ({"matrix": True, "seeds": "1,2", "grid": "3x2"}, "--matrix --grid 3x2 needs 3 clips or s"),
        ({"interpolate": "motion", "grid": "2x2"}, "--interpolate and --grid exclude each other"),
        (
            {"interpolate": "motion", "num": 1},
            "--interpolate needs 2 to 1024 clips or seeds, got 1",
        ),
        ({"seeds": "1", "seed": 1}, "--seeds and --seed exclude each other"),
        ({"seeds": "1", "num": 1}, "--seeds and --num exclude each other"),
        ({"seeds": ""}, "--seeds must be numbers and ranges such as 3,7,10-15, got ''"),
        ({"seeds": "5-3"}, "--seeds must be numbers and ranges such as 3,7,10-15, got '5-3'"),
        ({"seeds": "-3"}, "--seeds must be numbers and ranges"),
        ({"seeds": "1,5,1"}, "--seeds names seed 1 twice"),
        ({"seeds": "0-49999,49999"}, "--seeds names seed 49999 twice"),
        ({"seeds": "0-999999999999"}, "--seeds names 1000000000000 clips, at most 100000 fit"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, object], message: str):
    with pytest.raises(RequestRefused, match=message):
        read_request(**options)


def test_bytes_that_are_not_utf_8_are_no_caption() -> None:
    typed = b"a r\xffd square".decode("utf-8", "surrogateescape")  # as Python reads arguments
    with pytest.raises(RequestRefused, match="--caption is not valid UTF-8"):
        read_request(caption=typed)
    emoji = "a red square \N{GRINNING FACE}\0 слово"
    assert read_request(caption=emoji).caption == emoji
