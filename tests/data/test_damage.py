"""Cut-off and damaged files through the process that decodes.

No file with changed bytes crashes the decoder, and most are found out. What a format cannot tell
stays unseen: VP9 and GIF carry no check of their pictures, so that changed bytes become other
pictures without an error. The numbers below are those measured with PyAV 17 and 19, the larger of
the two and one to spare.

Nothing tells of a cut in a transport stream or a GIF, nor of one between two fragments of an mp4. How
many such files are accepted, with the frames before the cut, is counted exactly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.isolation.isolated_decoder import IsolatedDecoder
from tests.support.corpus.boundaries import boundaries
from tests.support.corpus.catalog import film
from tests.support.corpus.damage import NUM_OTHER_CUTS, NUM_SEEDS, flips, truncations
from tests.support.corpus.decode_result import ACCEPTED, DecodeResult, decode_file, frame_errors
from tests.support.corpus.processes import children_use

_CONFIG = IngestConfig(num_frames=8, size=32)
_MEBIBYTE = 2**20
_GARBAGE = 16.0  # mean absolute difference in gray levels above which a frame is not the film's


class _Damaged(NamedTuple):
    name: str  # of the film in the catalog
    container: str
    short: int  # of the cut files so many lack frames and are accepted: nothing tells of the cut
    unseen: int  # at most so many of NUM_SEEDS files with changed bytes give garbage unnoticed


_FILMS = (
    _Damaged("h264.mp4", "mp4", short=0, unseen=1),
    _Damaged("moov-first.mp4", "mp4", short=0, unseen=1),
    _Damaged("fragmented.mp4", "mp4", short=4, unseen=2),
    _Damaged("mpeg4.mp4", "mp4", short=0, unseen=1),
    _Damaged("h264.mkv", "mkv", short=0, unseen=2),
    _Damaged("vp9.webm", "mkv", short=0, unseen=24),
    _Damaged("mpeg4.avi", "avi", short=0, unseen=2),
    _Damaged("h264.ts", "ts", short=85, unseen=1),
    _Damaged("mpeg2.ts", "ts", short=90, unseen=4),
    _Damaged("animated.gif", "gif", short=50, unseen=29),
)
_SAMPLE = ("h264.mp4", "vp9.webm", "h264.ts", "animated.gif")  # of these, in the light set
_each_film = pytest.mark.parametrize(
    "damaged",
    [
        pytest.param(
            entry, id=entry.name, marks=() if entry.name in _SAMPLE else pytest.mark.exhaustive
        )
        for entry in _FILMS
    ],
)


@pytest.fixture(scope="module")
def decoder() -> Iterator[IsolatedDecoder]:
    decoder = IsolatedDecoder(_CONFIG)
    with children_use() as use:
        yield decoder
        decoder.close()
    # Far beyond what the largest film needs: no damaged length field was believed.
    assert use.peak_bytes < 512 * _MEBIBYTE


def _results(
    decoder: IsolatedDecoder, work: Path, files: Iterable[tuple[str, bytes]]
) -> dict[str, DecodeResult]:
    results = {}
    for how, content in files:
        work.write_bytes(content)
        results[how] = decode_file(decoder, work, _CONFIG)
    return results


def _report(record_property, results: dict[str, DecodeResult]) -> Counter[str]:
    codes = Counter(result.code for result in results.values())
    for code, number in codes.items():
        record_property(code, number)
    return codes


@_each_film
def test_a_cut_off_film_is_rejected_or_gives_what_lies_before_the_cut(
    tmp_path, decoder, record_property, damaged: _Damaged
):
    path = film(damaged.name).write(tmp_path)
    content = path.read_bytes()
    whole = decode_file(decoder, path, _CONFIG).clips
    assert len(whole) == 3

    results = _results(decoder, tmp_path / "cut", truncations(content, damaged.container))

    at_parts = boundaries(content, damaged.container)
    assert len(at_parts) > 30
    assert len(results) == len(at_parts) + NUM_OTHER_CUTS
    codes = _report(record_property, results)
    assert codes["decoder_crash"] == 0
    assert codes.total() > codes[ACCEPTED]
    short = [how for how, result in results.items() if 0 < len(result.clips) < 3]
    record_property("short", len(short))
    assert len(short) <= damaged.short, short
    for how, result in results.items():
        assert len(result.clips) <= 3, how
        errors = frame_errors(result.clips, whole[: len(result.clips)])
        # Only the frame that is cut may suffer, and that only in a GIF, which does not check it.
        assert (errors[:-1] == 0).all(), how
        if damaged.container != "gif":
            assert (errors == 0).all(), how


@_each_film
def test_changed_bytes_are_found_or_do_little(
    tmp_path, decoder, record_property, damaged: _Damaged
):
    path = film(damaged.name).write(tmp_path)
    whole = decode_file(decoder, path, _CONFIG).clips

    results = _results(decoder, tmp_path / "changed", flips(path.read_bytes()))

    assert len(results) == NUM_SEEDS
    codes = _report(record_property, results)
    assert codes["decoder_crash"] == 0
    unseen = [how for how, result in results.items() if _is_garbage(result.clips, whole)]
    record_property("unseen", len(unseen))
    assert len(unseen) <= damaged.unseen, unseen


def _is_garbage(clips: np.ndarray, whole: np.ndarray) -> bool:
    """Whether clips of a damaged film show what the film does not, or show it elsewhere."""
    if len(clips) > len(whole):
        return True
    return bool((frame_errors(clips, whole[: len(clips)]) > _GARBAGE).any())


@pytest.mark.parametrize(
    "name",
    [
        "h264.mp4",
        "h264.ts",
        *(
            pytest.param(name, marks=pytest.mark.exhaustive)
            for name in ("moov-first.mp4", "fragmented.mp4", "h264.mkv")
        ),
    ],
)
def test_seeking_in_a_cut_off_film_gives_frames_of_the_film(tmp_path, name):
    """Few clips of a film are reached by its index, which a cut makes promise too much."""
    content = film(name).write(tmp_path).read_bytes()
    every = IngestConfig(num_frames=4, size=32)
    few = IngestConfig(num_frames=4, size=32, clips_per_video=2)
    frames = _all_results(every, tmp_path / "cut", [content])[0].clips.reshape(-1, 32, 32, 3)
    windows = {frames[start : start + 4].tobytes() for start in range(len(frames) - 3)}

    cut = [bad for _, bad in truncations(content, name.rpartition(".")[2])]
    results = _all_results(few, tmp_path / "cut", cut)

    for result in results:
        assert {clip.tobytes() for clip in result.clips} <= windows
    assert len({result.code for result in results}) > 2


def _all_results(config: IngestConfig, work: Path, contents: Iterable[bytes]) -> list[DecodeResult]:
    decoder = IsolatedDecoder(config)
    results = []
    for content in contents:
        work.write_bytes(content)
        results.append(decode_file(decoder, work, config))
    decoder.close()
    return results


def test_the_parent_goes_on_after_each_kind_of_damage(tmp_path, decoder):
    """A sound film after damaged ones gives the same clips as before them."""
    path = film("h264.mp4").write(tmp_path)
    before = decode_file(decoder, path, _CONFIG).clips
    content = path.read_bytes()

    for number in range(8):
        (tmp_path / "bad").write_bytes(
            content[: 500 * number] + np.random.default_rng(number).bytes(500)
        )
        assert decode_file(decoder, tmp_path / "bad", _CONFIG).code != ACCEPTED
        np.testing.assert_array_equal(decode_file(decoder, path, _CONFIG).clips, before)
