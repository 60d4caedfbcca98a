"""Files that name other files to be opened in their place."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from tests.support.corpus.boundaries import boxes
from tests.support.corpus.films import write_film
from tests.support.corpus.pictures import waves

SCRIPTS = {
    "concat.mp4": "ffconcat version 1.0\nfile {name}\n",
    "concat": "file '{name}'\n",
    "playlist.mp4": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{name}\n#EXT-X-ENDLIST\n",
    "playlist.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{name}\n#EXT-X-ENDLIST\n",
    "playlist.ts": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{name}\n",
    "dash.mpd": (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        'mediaPresentationDuration="PT1S"><Period><AdaptationSet mimeType="video/mp4">'
        '<Representation id="0" bandwidth="1"><BaseURL>{name}</BaseURL></Representation>'
        "</AdaptationSet></Period></MPD>\n"
    ),
    "script.avs": 'DirectShowSource("{name}")\n',
    "session.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n",
    "list.mov": '<?xml version="1.0"?><?quicktime type="application/x-qtskin"?>\n<embed src="{name}"/>\n',
    "link.url": "[InternetShortcut]\nURL=file://{name}\n",
}


def write_reference_movie(folder: Path, name: str) -> Path:
    """A QuickTime film without pictures of its own: they lie in `folder`/`name`, which is written too.

    FFmpeg follows such a reference when `enable_drefs` is set.
    """
    target = write_film(folder / name, waves(8), container_format="mov")
    content = target.read_bytes()
    (movie,) = (part for part in boxes(content) if part.kind == b"moov")
    references = next(part for part in boxes(content) if part.kind == b"dref")
    alias = _alias(name.encode())
    flags = 0  # 1 would mean: this file
    entry = struct.pack(">I4sI", 12 + len(alias), b"alis", flags) + alias
    grown = content[: references.body + 8] + entry + content[references.end :]
    longer = len(grown) - len(content)
    header = bytearray(grown)
    for part in boxes(content):
        if part.start <= references.start and part.end >= references.end:
            struct.pack_into(">I", header, part.start, part.end - part.start + longer)
    path = folder / "reference.mov"
    path.write_bytes(content[:20] + bytes(header[movie.start :]))
    return path


def _alias(name: bytes) -> bytes:
    """An alias record of the classic Mac OS for a file in the same folder, as FFmpeg reads it."""
    volume, file = b"\x01v".ljust(28, b"\0"), bytes([len(name)]) + name.ljust(63, b"\0")
    levels = struct.pack(">HH", 1, 1)  # from this file up, and down to the other
    path = b"v:" + name
    path += b"\0" * (len(path) % 2)
    records = struct.pack(">HH", 2, len(path)) + path + struct.pack(">HH", 0xFFFF, 0)
    body = bytes(10) + volume + bytes(12) + file + bytes(16) + levels + bytes(16)
    return body + records


def scripts(name: str) -> Iterator[tuple[str, str]]:
    """File name and text of each script that refers to the file `name` beside it."""
    for script, text in SCRIPTS.items():
        yield script, text.format(name=name)
