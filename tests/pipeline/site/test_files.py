from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest

from mocogan.pipeline.site import files
from mocogan.pipeline.site.files import SiteFiles
from tests.support.run_sites import write_gif

NAMES = ["clip.gif", "a #1?.gif", "ü%20.gif", os.fsdecode(b"\xff.gif")]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("inside", [True, False])
def test_an_address_leads_to_the_file(tmp_path: Path, name: str, inside: bool):
    out = tmp_path / "out"
    out.mkdir()
    (out / name).write_bytes(b"clip")
    site = out / "site" if inside else tmp_path / "site"
    site.mkdir()
    address = SiteFiles(site, out).link(out / name)
    assert address is not None
    assert not set("#? ") & set(address)
    target = os.path.join(os.fsencode(site), unquote_to_bytes(address))
    with open(target, "rb") as file:
        assert file.read() == b"clip"
    assert Path(os.fsdecode(target)).resolve().is_relative_to(site) is not inside


def test_what_is_gone_remote_or_large_has_no_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "model").write_bytes(b"12345")
    monkeypatch.setattr(files, "_MAX_COPY", 4)
    made = SiteFiles(tmp_path / "site", tmp_path / "out")
    assert made.link(tmp_path / "out" / "none") is None
    assert made.link("gs://bucket/model") is None
    assert made.link(tmp_path / "out" / "model") is None
    assert made.left_out == 1
    assert made.folder_link(str(tmp_path / "out")) is None


def test_a_changed_file_is_copied_again(tmp_path: Path):
    out, site = tmp_path / "out", tmp_path / "site"
    out.mkdir()
    (out / "clip.gif").write_bytes(b"old")
    SiteFiles(site, out).link(out / "clip.gif")
    (out / "clip.gif").write_bytes(b"new")
    copy = site / "media" / "clip.gif"
    os.utime(copy, (0, 0))
    SiteFiles(site, out).link(out / "clip.gif")
    assert copy.read_bytes() == b"new"


def test_the_first_frame_of_a_damaged_animation_is_left_out(tmp_path: Path):
    (tmp_path / "damaged.gif").write_bytes(b"GIF89a, but no more")
    write_gif(tmp_path / "good" / "clip.gif")
    made = SiteFiles(tmp_path / "site", tmp_path)
    assert made.still(tmp_path / "damaged.gif") is None
    address = made.still(tmp_path / "good" / "clip.gif")
    assert address == "media/stills/good/clip.gif.png"
    assert (tmp_path / "site" / address).read_bytes().startswith(b"\x89PNG")
