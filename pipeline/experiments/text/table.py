"""The result of a text run as Markdown tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocogan.components.report_gen.markdown_text import table
from mocogan.evaluation.shapes.attributes import ATTRIBUTES

_DIGIT_ROWS = {
    "as_asked": "digit as said",
    "axis": "motion as said",
    "same_digit": "same digit in the clip",
    "recognized": "recognized",
    "rarest": "share of the rarest digit",
}


def as_markdown(results: Mapping[str, Mapping[str, Any]]) -> str:
    """One table for each data set in `results`."""
    tables = {"shapes": _shapes, "digits": _digits}
    return "\n".join(
        f"{name}: {found['steps']} steps\n\n{tables[name](found)}"
        for name, found in results.items()
    )


def _shapes(found: Mapping[str, Any]) -> str:
    seen, unseen, free = found["seen"], found["held_out"], found["without_caption"]
    names = ["", "in training", "held out", "real clips", "chance"]
    rows = [
        *(
            [
                name,
                _text(seen["generated"][name]),
                _text(unseen["generated"][name]),
                _text(seen["real"][name]),
                _text(seen["chance"][name]),
            ]
            for name in (*ATTRIBUTES, "all")
        ),
        [
            "detection rate",
            _text(seen["detection_rate"]),
            _text(unseen["detection_rate"]),
            _text(seen["detection_rate_real"]),
            "-",
        ],
        [
            "R-precision",
            _text(seen["r_precision"]),
            _text(unseen["r_precision"]),
            _text(seen["r_precision_real"]),
            _text(seen["r_precision_chance"]),
        ],
        [
            "mode coverage, any caption",
            _text(free["mode_coverage"]),
            "-",
            _text(free["mode_coverage_real"]),
            "-",
        ],
    ]
    return f"{table(names, rows)}\n"


def _digits(found: Mapping[str, Any]) -> str:
    rows = [
        [text, *(_text(found.get(f"{key}{suffix}")) for suffix in ("", "_real", "_chance"))]
        for key, text in _DIGIT_ROWS.items()
    ]
    return f"{table(['', 'generated', 'real clips', 'chance'], rows)}\n"


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
