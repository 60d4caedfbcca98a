"""File names that mean something else to a shell, to FFmpeg, to a terminal or to a text decoder."""

from __future__ import annotations

HOSTILE_NAMES = (
    b"-i",
    b"--help",
    b"-",
    b"file:x",
    b"http:",
    b"pipe:0",
    b"pipe:",
    b"concat:a.mp4|b.mp4",
    b"data:,x",
    b"subfile,,start,0,end,9,,:a",
    b"crypto:a.mp4",
    b"|cmd",
    b"$(exit 1)`exit 1`;exit 1",
    b"a%03d.png",
    b"%s%n%d.mp4",
    b"[0-9]*?.mp4",
    b"~",
    b" ",
    b" leading and trailing ",
    b"back\\slash.mp4",
    b"quote'\"<b>&amp;.mp4",
    b"two\nlines.mp4",
    b"carriage\rreturn\ttab.mp4",
    b"\x1b[31mred.mp4",
    b"caf\xe9\xff.mp4",
    b"\xed\xb2\x80.mp4",  # a surrogate, which is not UTF-8
    "größe 電影 🎬.mp4".encode(),
    "e\u0301\u202egpj.mp4".encode(),  # written from right to left
    b"n" * 255,
    b"\xff" * 255,
)
