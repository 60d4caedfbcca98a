"""Checks events against the published schemas of OpenLineage."""

from __future__ import annotations

import datetime
import functools
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_EVENT = "https://openlineage.io/spec/2-0-2/OpenLineage.json"
_FACETS = "https://openlineage.io/spec/facets/"


def check_event(event: dict[str, Any]) -> None:
    """Raises jsonschema.ValidationError, or AssertionError, unless the event and each of its facets are valid."""
    _validate(event, _EVENT)
    _validate(event, f"{_EVENT}#/$defs/RunEvent")
    datetime.datetime.fromisoformat(event["eventTime"].replace("Z", "+00:00"))
    for uri in _uris(event):
        assert urlsplit(uri).scheme, uri
        assert uri.isascii(), uri
        assert " " not in uri, uri
    for name, facet in _facets(event):
        schema = facet["_schemaURL"]
        if schema.startswith(_FACETS):
            _validate({name: facet}, schema)
        else:  # a facet of this project
            assert name.startswith("mocogan_")
            _validate(facet, schema)


def _validate(value: Any, schema: str) -> None:
    from jsonschema import Draft202012Validator  # takes seconds to load

    checker = Draft202012Validator.FORMAT_CHECKER
    Draft202012Validator({"$ref": schema}, registry=_registry(), format_checker=checker).validate(
        value
    )


@functools.cache
def _registry() -> Any:
    """All published schemas."""
    from referencing import Registry, Resource

    schemas = [json.loads(path.read_text()) for path in Path(__file__).parent.glob("*.json")]
    resources = [(schema["$id"], Resource.from_contents(schema)) for schema in schemas]
    return Registry().with_resources(resources)


def _facets(value: Any) -> list[tuple[str, Any]]:
    """All facets of an event, by name."""
    if isinstance(value, list):
        return [facet for entry in value for facet in _facets(entry)]
    if not isinstance(value, dict):
        return []
    found = []
    for key, inner in value.items():
        if key in ("facets", "inputFacets", "outputFacets"):
            found += list(inner.items())
        else:
            found += _facets(inner)
    return found


def _uris(value: Any) -> list[str]:
    if isinstance(value, list):
        return [uri for entry in value for uri in _uris(entry)]
    if not isinstance(value, dict):
        return []
    named = ("producer", "_producer", "schemaURL", "_schemaURL")
    found = [value[key] for key in named if key in value]
    if "uri" in value and "_producer" in value:
        found.append(value["uri"])
    return found + [uri for inner in value.values() for uri in _uris(inner)]
