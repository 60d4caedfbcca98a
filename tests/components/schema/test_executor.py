"""The schema comes from the package, wherever it lies."""

from __future__ import annotations

from pathlib import Path

import pytest
from tfx.types import standard_artifacts

from mocogan.components.schema import schema_fingerprint, schema_path
from mocogan.components.schema.component import CuratedSchema
from mocogan.components.schema.executor import Executor, SchemaChanged


def _run(folder: Path, fingerprint: str) -> None:
    output = standard_artifacts.Schema()
    output.uri = str(folder)
    Executor().Do({}, {"schema": [output]}, {"schema_fingerprint": fingerprint})


def test_the_schema_is_copied_into_a_folder_that_is_made(tmp_path: Path) -> None:
    _run(tmp_path / "new", schema_fingerprint())
    assert (tmp_path / "new/schema.pbtxt").read_bytes() == Path(schema_path()).read_bytes()


def test_another_schema_than_expected_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SchemaChanged, match="is not the one that the pipeline was built with"):
        _run(tmp_path / "new", "0" * 16)
    assert not (tmp_path / "new").exists()


def test_the_pipeline_names_no_path() -> None:
    assert CuratedSchema().exec_properties == {"schema_fingerprint": schema_fingerprint()}
