"""The clips that remain of a decoder's output."""

from __future__ import annotations

from collections.abc import Iterable

from mocogan.data.records.clip import Clip


def final_clips(clips: Iterable[Clip]) -> list[Clip]:
    """All clips but void ones: those before a clip whose index is 0 again (see DecodedVideo)."""
    final: list[Clip] = []
    for clip in clips:
        if clip.index == 0:
            final.clear()
        final.append(clip)
    return final
