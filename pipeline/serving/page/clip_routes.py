"""Addresses of clips, for the page and for links: the options of `mocogan generate` as a query."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response

from mocogan.data.encoding.formats import FORMATS
from mocogan.pipeline.serving.limits import Limits
from mocogan.pipeline.serving.model.call_queue import CallQueue
from mocogan.pipeline.serving.model.versions import Versions
from mocogan.pipeline.serving.page.clip_requests import (
    ClipDrawer,
    EncodedClip,
    Mix,
    read_clip_request,
)
from mocogan.pipeline.serving.refusals import Refusal
from mocogan.pipeline.serving.tf_serving.rest import VERSION_HEADER, read_version
from mocogan.pipeline.serving.waiting import http_result

LABELS_HEADER = "Mocogan-Labels"  # classes of the clips: JSON, percent-encoded
NOTES_HEADER = "Mocogan-Notes"  # unknown words of the caption and such: JSON, percent-encoded
_THREADS = 8  # that wait for clips and encode them
_MAX_SEED = (1 << 63) - 1
_TYPES = {
    "gif": "image/gif",
    "mp4": "video/mp4",
    "webp": "image/webp",
    "apng": "image/png",
    "png-strip": "image/png",
    "npy": "application/octet-stream",
}

Seed = Annotated[int, Query(ge=0, le=_MAX_SEED)]
Place = Annotated[float, Query(ge=0, le=1)]


def clip_routes(name: str, versions: Versions, queue: CallQueue, limits: Limits) -> APIRouter:
    """The routes. They raise Refusal."""
    router = APIRouter(prefix="/api")
    threads = ThreadPoolExecutor(_THREADS, "clips")

    async def answer(
        request: Request,
        options: dict[str, Any],
        version: str | None,
        download: bool,
        mix: tuple[Mix, Mix] | None,
    ) -> Response:
        chosen = versions.get(name, None if version is None else read_version(version))
        wanted = read_clip_request(options)
        drawer = ClipDrawer(chosen, queue, limits)
        work = drawer.file if mix is None else partial(drawer.mixed, *mix)
        future = threads.submit(work, wanted)
        file = await http_result(future, request, limits.seconds, drawer.given_up.set)
        headers = _headers(file, chosen.number, version is not None and chosen.has_own_number)
        if download:
            headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(file.content, media_type=_TYPES[wanted.format], headers=headers)

    @router.get("/generate")
    async def generate(
        request: Request,
        num: int | None = None,
        seed: int | None = None,
        seeds: str | None = None,
        label: str | None = None,
        caption: str | None = None,
        frames: int | None = None,
        fps: float | None = None,
        format: str = "gif",
        grid: str | None = None,
        scale: int | None = None,
        matrix: bool = False,
        interpolate: str | None = None,
        truncation: float = 1.0,
        version: str | None = None,
        download: bool = False,
    ) -> Response:
        """One file with the options of `mocogan generate`."""
        layouts = grid is not None or matrix or interpolate is not None
        options = {
            "num": num if num is not None or seeds is not None or layouts else 1,
            "seed": seed,
            "seeds": seeds,
            "grid": grid,
            "matrix": matrix,
            "interpolate": interpolate,
        }
        options |= _looks(label, caption, frames, fps, format, scale, truncation)
        return await answer(request, options, version, download, None)

    @router.get("/mix")
    async def mix(
        request: Request,
        content: Seed,
        motion: Seed,
        content_to: Seed = 0,
        content_at: Place = 0.0,
        motion_to: Seed = 0,
        motion_at: Place = 0.0,
        label: str | None = None,
        caption: str | None = None,
        frames: int | None = None,
        fps: float | None = None,
        format: str = "gif",
        scale: int | None = None,
        truncation: float = 1.0,
        version: str | None = None,
        download: bool = False,
    ) -> Response:
        """A clip with the content of one seed and the motion of another, or between two contents and two motions."""
        options = {"num": 1} | _looks(label, caption, frames, fps, format, scale, truncation)
        mixes = Mix(content, content_to, content_at), Mix(motion, motion_to, motion_at)
        return await answer(request, options, version, download, mixes)

    return router


def _looks(
    label: str | None,
    caption: str | None,
    frames: int | None,
    fps: float | None,
    format: str,
    scale: int | None,
    truncation: float,
) -> dict[str, Any]:
    if format not in FORMATS:
        raise Refusal(
            "INVALID_ARGUMENT", f"format must be one of {', '.join(FORMATS)}, got {format[:40]!r}"
        )
    return {
        "label": label or None,
        "caption": caption or None,
        "frames": frames,
        "fps": fps,
        "format": format,
        "scale": scale,
        "truncation": truncation,
    }


def _headers(file: EncodedClip, version: int, is_fixed: bool) -> dict[str, str]:
    """Headers of a file. A browser keeps it if the address names one version for good, and otherwise asks again."""
    return {
        "ETag": f'"{hashlib.sha256(file.content).hexdigest()[:32]}"',
        "Cache-Control": "max-age=31536000, immutable" if is_fixed else "no-cache",
        VERSION_HEADER: str(version),
        LABELS_HEADER: quote(json.dumps(file.labels)),
        **({NOTES_HEADER: quote(json.dumps(file.notes))} if file.notes else {}),
    }
