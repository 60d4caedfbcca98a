"""The notebooks as files: valid, small, without traces of a machine, and with commands that exist."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

import click
import nbformat
import pytest
from nbformat import NotebookNode

from mocogan.pipeline.cli.main import cli
from mocogan.trainer.contract import MODEL_DESCRIPTION_FILE

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
MAX_BYTES = 1_000_000
MACHINE = re.compile(
    r"(?<![\w.~])/(?:home|root|tmp|work|Users|mnt|opt|usr|var)/|\b\d+(?:\.\d+){3}:\d+"
)
COMMAND = re.compile(r"^\s*%mocogan (.*)$", re.MULTILINE)


def read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def code_cells(path: Path) -> list[NotebookNode]:
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def commands(path: Path) -> list[list[str]]:
    """The arguments of each `%mocogan`. Values that Python inserts stay as they are written."""
    sources = (cell.source.replace("\\\n", " ") for cell in code_cells(path))
    return [shlex.split(found) for source in sources for found in COMMAND.findall(source)]


def test_there_are_two_notebooks() -> None:
    assert [path.name for path in NOTEBOOKS] == ["components.ipynb", "mocogan.ipynb"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
class TestEach:
    def test_it_is_valid(self, path: Path) -> None:
        nbformat.validate(read(path))

    def test_its_outputs_are_small(self, path: Path) -> None:
        assert path.stat().st_size < MAX_BYTES
        outputs = [output for cell in code_cells(path) for output in cell.outputs]
        assert "error" not in {output.output_type for output in outputs}
        assert [output for output in outputs if 'srcdoc="' in str(output.get("data"))] == []

    def test_it_ran_from_top_to_bottom_or_has_no_outputs(self, path: Path) -> None:
        cells = code_cells(path)
        counts = [cell.execution_count for cell in cells]
        assert counts in (list(range(1, len(cells) + 1)), [None] * len(cells))

    def test_it_names_no_place_on_a_machine(self, path: Path) -> None:
        assert MACHINE.findall(path.read_text(encoding="utf-8")) == []

    def test_its_settings_are_constants(self, path: Path) -> None:
        (cell,) = (
            cell for cell in code_cells(path) if "parameters" in cell.metadata.get("tags", ())
        )
        statements = ast.parse(cell.source).body
        assert statements
        for statement in statements:
            assert isinstance(statement, ast.Assign)
            ast.literal_eval(statement.value)


@pytest.mark.parametrize("arguments", commands(FOLDER / "mocogan.ipynb"), ids=lambda a: a[0])
def test_a_command_has_the_options_that_are_written(arguments: list[str]) -> None:
    name, *options = arguments
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    known = {text for parameter in command.params for text in parameter.opts}
    assert [text for text in options if text.startswith("-") and text not in known] == []
    settings = [text for text in options if text not in ("{OPTIONS}",)]
    command.make_context(name, settings)  # raises UsageError for a wrong number of arguments


def test_clips_are_drawn_of_the_classes_that_the_model_has() -> None:
    (cell,) = (cell for cell in code_cells(FOLDER / "mocogan.ipynb") if cell.id == "classes")
    # The report of an ingest has a class without a name, or a single one, for which models have no class.
    assert f'Path(model, "{MODEL_DESCRIPTION_FILE}")' in cell.source


def test_a_place_on_a_machine_is_noticed() -> None:
    for text in ("see /home/anna/x", '"/tmp/a"', "http://127.0.0.1:6006/"):
        assert MACHINE.search(text)
    for text in ("output/runs/site", "a/tmp/b", "~/home/x", "version 1.16.0.1"):
        assert not MACHINE.search(text)
