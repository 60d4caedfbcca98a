from mocogan.data.source.listing import list_videos


def _groups(folder, files: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text or name)
    listing = list_videos(str(folder))
    groups = {video.video_id.decode(): video.group.decode() for video in listing.videos}
    return groups, listing.notes


def test_a_playlist_keeps_its_segments_together(tmp_path):
    media = "#EXTM3U\n#EXTINF:4,\nopening.ts\n#EXTINF:4,\nparts/b.ts?token=1\n"

    groups, notes = _groups(
        tmp_path, {"hls/show.m3u8": media, "hls/opening.ts": "", "hls/parts/b.ts": "", "c.ts": ""}
    )

    assert groups["hls/opening.ts"] == groups["hls/parts/b.ts"] == "hls/show.m3u8"
    assert groups["c.ts"] == ""
    assert notes == ["2 files are segments of 1 film. Segments of a film stay in one split"]


def test_a_master_playlist_joins_the_sizes_of_a_film(tmp_path):
    files = {
        "master.m3u8": "#EXTM3U\nlow/index.m3u8\nhigh/index.m3u8\n",
        "low/index.m3u8": "a.ts\n",
        "high/index.m3u8": "b.ts\n",
        "low/a.ts": "",
        "high/b.ts": "",
    }

    groups, _ = _groups(tmp_path, files)

    assert groups["low/a.ts"] == groups["high/b.ts"] == "master.m3u8"


def test_without_a_playlist_numbers_tell(tmp_path):
    names = ["a/seg0.ts", "a/seg1.ts", "a/other_3.ts", "b/seg0.ts", "VTS_01_1.VOB", "VTS_01_2.VOB"]

    groups, _ = _groups(tmp_path, dict.fromkeys([*names, "walk1.mp4", "walk2.mp4"], ""))

    assert groups == {
        "a/seg0.ts": "a/seg*.ts",
        "a/seg1.ts": "a/seg*.ts",
        "a/other_3.ts": "",
        "b/seg0.ts": "",
        "VTS_01_1.VOB": "VTS_01*.vob",
        "VTS_01_2.VOB": "VTS_01*.vob",
        "walk1.mp4": "",
        "walk2.mp4": "",
    }
