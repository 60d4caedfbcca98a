"""Names, links, pipes and files that lead elsewhere: from the listing to the process that decodes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.isolation.isolated_decoder import IsolatedDecoder
from mocogan.data.source.listing import Listing, list_videos
from tests.support.corpus.bombs import gif_of_nothing, png_of_zeros, still_film
from tests.support.corpus.catalog import FILMS
from tests.support.corpus.damage import flips, truncations
from tests.support.corpus.decode_result import ACCEPTED, decode_file
from tests.support.corpus.films import write_film
from tests.support.corpus.hostile_names import HOSTILE_NAMES
from tests.support.corpus.pictures import waves
from tests.support.corpus.references import scripts, write_reference_movie

_CONFIG = IngestConfig(num_frames=8, size=32, decode_timeout=3, max_memory_mb=512)
_REFUSED = {"bad_format", "open_failed", "zero_frames", "no_video_stream", "corrupt_frames"}


@pytest.fixture(scope="module")
def decoder() -> Iterator[IsolatedDecoder]:
    decoder = IsolatedDecoder(_CONFIG, hang_seconds=20.0)
    yield decoder
    decoder.close()


def _codes(listing: Listing) -> dict[bytes, str]:
    return {file.video_id: file.code for file in listing.rejected}


def test_every_name_is_listed_as_it_is_and_decoded(tmp_path, decoder):
    content = write_film(tmp_path / "film.mp4", waves(8)).read_bytes()
    data = tmp_path / "data"
    (data / "class").mkdir(parents=True)
    for name in HOSTILE_NAMES:
        for folder in (data, data / "class"):
            Path(os.fsdecode(os.path.join(os.fsencode(folder), name))).write_bytes(content)

    listing = list_videos(str(data))

    everywhere = {*HOSTILE_NAMES, *(b"class/" + name for name in HOSTILE_NAMES)}
    assert [video.video_id for video in listing.videos] == sorted(everywhere)
    assert not listing.rejected
    for video in listing.videos:
        assert decode_file(decoder, video.path, _CONFIG).code == ACCEPTED, video.video_id


def test_a_name_as_a_relative_path_is_no_address_and_no_option(tmp_path, decoder, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name = os.fsencode(write_film(Path("film.mp4"), waves(8)))

    for hostile in HOSTILE_NAMES:
        os.rename(name, hostile)
        name = hostile
        assert decode_file(decoder, name, _CONFIG).code == ACCEPTED, name


def test_links_that_leave_the_folder_are_refused_and_others_followed(tmp_path, decoder):
    outside, data = tmp_path / "outside", tmp_path / "data"
    outside.mkdir()
    data.mkdir()
    write_film(outside / "secret.mp4", waves(8))
    write_film(data / "a.mp4", waves(8))
    links = {
        "absolute.mp4": outside / "secret.mp4",
        "relative.mp4": Path("../outside/secret.mp4"),
        "through.mp4": Path("absolute.mp4"),
        "folder": outside,
        "up": Path(".."),
        "self": Path("."),
        "loop.mp4": Path("loop.mp4"),
        "broken.mp4": Path("nowhere.mp4"),
        "zeros.mp4": Path("/dev/zero"),
        "memory.mp4": Path("/proc/self/mem"),
        "inner.mp4": Path("a.mp4"),
        "roundabout.mp4": Path("../data/a.mp4"),
    }
    for name, target in links.items():
        (data / name).symlink_to(target)

    listing = list_videos(str(data))

    inside = {b"a.mp4", b"inner.mp4", b"roundabout.mp4"}
    assert {video.video_id for video in listing.videos} == inside
    codes = _codes(listing)
    assert codes.keys() == {os.fsencode(name) for name in links} - inside
    for name in (b"absolute.mp4", b"relative.mp4", b"through.mp4", b"zeros.mp4", b"memory.mp4"):
        assert codes[name] == "path_escape", name
    assert {codes[name] for name in (b"folder", b"up", b"self")} <= {"linked_folder", "path_escape"}
    assert all(
        decode_file(decoder, video.path, _CONFIG).code == ACCEPTED for video in listing.videos
    )


@pytest.mark.parametrize("images", ["auto", "frames"])
@pytest.mark.parametrize("target", ["secret.png", "nowhere.png", "/dev/zero", "secrets"])
def test_a_link_that_leaves_the_folder_spoils_numbered_frames(tmp_path, decoder, images, target):
    """Decoders open every file of such a folder, so that a folder with such a link is none."""
    frames, outside = tmp_path / "data" / "frames", tmp_path / "outside"
    frames.mkdir(parents=True)
    (outside / "secrets").mkdir(parents=True)
    for number, pixels in enumerate(waves(9)):
        path = outside / "secret.png" if number == 4 else frames / f"{number}.png"
        Image.fromarray(pixels).save(path)
    (frames / "4.png").symlink_to(outside / target)

    listing = list_videos(str(tmp_path / "data"), images)

    names = [video.video_id for video in listing.videos]
    assert names == [b"frames/%d.png" % number for number in range(9) if number != 4]
    code = "open_failed" if target == "nowhere.png" else "path_escape"
    assert _codes(listing) == {b"frames/4.png": code}
    results = [decode_file(decoder, video.path, _CONFIG).code for video in listing.videos]
    assert results == ["bad_format"] * 8


def test_manifest_entries_that_leave_the_folder_are_refused(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    write_film(tmp_path / "secret.mp4", waves(8))
    write_film(data / "a.mp4", waves(8))
    (data / "link").symlink_to(tmp_path)
    secret = str(tmp_path / "secret.mp4")
    names = ["../secret.mp4", "x/../../secret.mp4", secret, "link/secret.mp4", f"file://{secret}"]
    lines = [json.dumps({"file": name, "label": "x"}) for name in ["a.mp4", *names]]
    (data / "labels.jsonl").write_text("\n".join(lines))

    listing = list_videos(str(data))

    assert [(video.video_id, video.label) for video in listing.videos] == [(b"a.mp4", b"x")]
    codes = _codes(listing)
    for name in ("../secret.mp4", secret, f"file://{secret}"):
        assert codes[os.fsencode(name)] == "path_escape"
    assert len(codes) == 5  # two names of the same file are one, and the link is one more
    assert set(codes.values()) <= {"path_escape", "linked_folder"}


def test_pipes_and_devices_do_not_hang(tmp_path, decoder):
    os.mkfifo(tmp_path / "pipe.mp4")

    listing = list_videos(str(tmp_path))

    assert not listing.videos
    assert _codes(listing) == {b"pipe.mp4": "not_a_file"}
    # It may also take the place of a file between listing and decoding.
    for path in (tmp_path / "pipe.mp4", "/dev/zero", "/dev/tty", "/dev/full"):
        assert decode_file(decoder, path, _CONFIG).code in {*_REFUSED, "not_a_file"}


def test_a_script_never_opens_its_neighbor(tmp_path, decoder):
    neighbor = write_film(tmp_path / "neighbor.mp4", waves(8))
    with av.open(
        str(_write(tmp_path / "bait", "ffconcat version 1.0\nfile neighbor.mp4\n"))
    ) as bait:
        assert len(list(bait.decode(video=0))) == 8  # FFmpeg itself follows it

    for name, text in scripts("neighbor.mp4"):
        assert decode_file(decoder, _write(tmp_path / name, text), _CONFIG).code in _REFUSED, name

    neighbor.unlink()
    os.mkfifo(neighbor)  # who opens it now waits, and is ended as hanging
    for name, _ in scripts("neighbor.mp4"):
        assert decode_file(decoder, tmp_path / name, _CONFIG).code in _REFUSED, name


def test_a_reference_movie_never_opens_its_neighbor(tmp_path, decoder):
    path = write_reference_movie(tmp_path, "neighbor.mov")
    with av.open(str(path), options={"enable_drefs": "1"}) as bait:
        assert len(list(bait.decode(video=0))) == 8  # FFmpeg follows it when told to

    assert decode_file(decoder, path, _CONFIG).code in _REFUSED

    (tmp_path / "neighbor.mov").unlink()
    os.mkfifo(tmp_path / "neighbor.mov")
    assert decode_file(decoder, path, _CONFIG).code in _REFUSED


def test_every_entry_of_a_mixed_folder_lands_in_exactly_one_place(tmp_path, decoder):
    data = tmp_path / "data"
    _fill(data)
    entries = {
        os.path.relpath(os.path.join(os.fsencode(parent), os.fsencode(name)), os.fsencode(data))
        for parent, folders, names in os.walk(data)
        for name in [*names, *(name for name in folders if (Path(parent) / name).is_symlink())]
    }
    frames = {entry for entry in entries if entry.startswith(b"numbered/")}

    listing = list_videos(str(data))
    again = list_videos(str(data))

    results = [*(video.video_id for video in listing.videos), *_codes(listing)]
    assert len(results) == len(set(results)) == len(listing.videos) + len(listing.rejected)
    assert set(results) == entries - frames | {b"numbered"}
    assert listing == again
    decoded = {v.video_id: decode_file(decoder, v.path, _CONFIG).code for v in listing.videos}
    accepted = {video_id for video_id, code in decoded.items() if code == ACCEPTED}
    sound = {os.fsencode(film.name) for film in FILMS if not film.apart}
    expected = {*(b"sound/" + name for name in sound), b"numbered", b"strip.png", b"linked.mp4"}
    assert accepted - {b"damaged/" + name for name in _names_in(data / "damaged")} == expected


def _fill(data: Path) -> None:
    for folder in ("sound", "damaged", "bombs", "scripts", "numbered"):
        (data / folder).mkdir(parents=True)
    for film in FILMS:
        if not film.apart:
            film.write(data / "sound")
    content = (data / "sound" / "h264.mp4").read_bytes()
    for number, (_, bad) in enumerate(
        [*truncations(content, "mp4")][::10] + [*flips(content)][::5]
    ):
        (data / "damaged" / f"bad{number}.mp4").write_bytes(bad)
    (data / "bombs" / "screen.gif").write_bytes(gif_of_nothing(65535, 65535, 8))
    (data / "bombs" / "strip.png").write_bytes(png_of_zeros(30000, 60000, channels=1))
    film_bomb = still_film(data / "bombs", png_of_zeros(16384, 16384, channels=1), 16384)
    (data / "bombs" / "film.mov").write_bytes(film_bomb)
    for name, text in scripts("../sound/h264.mp4"):
        _write(data / "scripts" / name, text)
    for number, pixels in enumerate(waves(8)):
        Image.fromarray(pixels).save(data / "numbered" / f"{number:03}.png")
    Image.fromarray(np.concatenate(waves(8), axis=1)).save(data / "strip.png")
    os.mkfifo(data / "pipe.mp4")
    (data / "linked.mp4").symlink_to("sound/h264.mp4")
    (data / "outside.mp4").symlink_to("/etc/passwd")
    (data / "outside").symlink_to("/etc")
    _write(data / "empty.mp4", "")
    _write(data / "notes.txt", "not a film at all\n" * 100)


def _write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def _names_in(folder: Path) -> list[bytes]:
    return [os.fsencode(name) for name in os.listdir(folder)]
