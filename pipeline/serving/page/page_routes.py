"""The page and its files. They are read once, so no request reaches the disk."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from mocogan.components.reports.page import render_page
from mocogan.pipeline.serving.limits import Limits
from mocogan.pipeline.serving.model.served_version import ServedVersion
from mocogan.pipeline.serving.model.versions import Versions
from mocogan.pipeline.serving.page.card_html import card_sections

_HERE = Path(__file__)
_EXAMPLES = 8  # captions that the page suggests
_STATIC = {"page.css": "text/css", "page.js": "text/javascript", "icon.svg": "image/svg+xml"}


def page_routes(name: str, versions: Versions, limits: Limits) -> APIRouter:
    """The routes of the page, and of what it says as JSON."""
    router = APIRouter()
    files = {file: _HERE.with_name("static").joinpath(file).read_bytes() for file in _STATIC}
    stamp = hashlib.sha256(b"".join(files.values())).hexdigest()[:12]

    @router.get("/")
    async def page() -> Response:
        version = versions.get(name)
        content = render_page(
            _HERE.with_name("templates"),
            "page.html",
            name=name,
            stamp=stamp,
            facts=_facts(version),
            sections=card_sections(version.card),
            settings=Markup(_script_json(_description(name, version, limits))),
        )
        return Response(content, media_type="text/html", headers={"Cache-Control": "no-cache"})

    @router.get("/api/model")
    async def model() -> dict[str, Any]:
        version = versions.get(name)
        return {**_description(name, version, limits), "card": version.card}

    @router.get("/static/{file}")
    async def static(file: str, request: Request) -> Response:
        if file not in files:
            return Response(status_code=404)
        lasting = request.query_params.get("v") == stamp
        cache = "max-age=31536000, immutable" if lasting else "no-cache"
        return Response(files[file], media_type=_STATIC[file], headers={"Cache-Control": cache})

    return router


def _description(name: str, version: ServedVersion, limits: Limits) -> dict[str, Any]:
    """What the script of the page, and others, need to know."""
    description, manifest = version.model.description, version.manifest
    return {
        "name": name,
        "version": str(version.number),  # JavaScript's numbers have 53 bits
        "sha256": version.sha256,
        "pushed_at": manifest.pushed_at if manifest else None,
        "steps": description.steps if description else None,
        "clip_shape": version.clip_shape,
        "frame_rate": version.frame_rate,
        "labels": version.model.labels,
        "has_captions": version.model.has_captions,
        "example_captions": _example_captions(version),
        "has_latents": version.model.has_latents,
        "has_separate_seeds": version.model.has_separate_seeds,
        "max_clips": limits.clips,
    }


def _example_captions(version: ServedVersion) -> list[str]:
    description = version.model.description
    captions = description.example_captions if description and version.model.has_captions else ()
    return list(dict.fromkeys(captions))[:_EXAMPLES]


def _facts(version: ServedVersion) -> list[tuple[str, str]]:
    """Label and text of each fact on the page."""
    frames, height, width, _ = version.clip_shape
    description, manifest = version.model.description, version.manifest
    facts = [("Version", str(version.number))]
    if manifest is not None:
        facts.append(("Pushed", manifest.pushed_at.replace("T", " ").replace("+00:00", " UTC")))
    if description is not None and description.steps is not None:
        facts.append(("Training steps", f"{description.steps:,}"))
    facts.append(
        (
            "Clip",
            f"{frames} frames of {width}\N{MULTIPLICATION SIGN}{height}",
        )
    )
    known = description is not None and description.frame_rate is not None
    facts.append(("Plays at", f"{version.frame_rate:g} frames/s" + ("" if known else ", assumed")))
    labels = version.model.labels
    facts.append(("Classes", f"{len(labels)}" if labels else "none"))
    if version.model.has_captions:
        facts.append(("Captions", f"{len(version.model.words)} known words"))
    facts.append(("Hash", version.sha256[:12]))
    return facts


def _script_json(value: Any) -> str:
    """JSON inside a script element, which no text in it can end."""
    return json.dumps(value).replace("<", "\\u003c").replace("&", "\\u0026")
