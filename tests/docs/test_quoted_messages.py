"""Headings of the pages on troubleshooting and diagnostics quote messages that the code prints."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from mocogan.data.rejection import REJECTION_CODES

ROOT = Path(__file__).parents[2]
PACKAGES = ("data", "evaluation", "trainer", "components", "pipeline")
QUOTED = [
    quoted
    for page in ("troubleshooting", "diagnostics")
    for quoted in re.findall(
        r"^#+ .*?`([^`]+)`",
        (ROOT / f"docs/guides/{page}.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
]
PLACEHOLDER = "…"


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """Every string in the Python code, with a placeholder for each inserted value, and the shell scripts."""
    texts = []
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    texts.append(node.value)
                elif isinstance(node, ast.JoinedStr):
                    texts.append(_with_placeholders(node))
    return texts + [path.read_text(encoding="utf-8") for path in (ROOT / "scripts").glob("*.sh")]


def _with_placeholders(node: ast.JoinedStr) -> str:
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else PLACEHOLDER for part in node.values
    )


@pytest.mark.parametrize("quoted", QUOTED)
def test_a_quoted_message_is_in_the_code(quoted: str, texts: list[str]):
    assert any(quoted.strip(f" {PLACEHOLDER}") in text for text in texts)


def test_every_rejection_code_has_a_heading():
    assert [code for code in REJECTION_CODES if code not in QUOTED] == []
