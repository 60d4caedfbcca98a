from __future__ import annotations

import json
from pathlib import Path

import pytest
import tensorflow as tf
from click.testing import CliRunner

from mocogan.pipeline.cli.main import cli
from tests.support.commands import Refused
from tests.support.exported_models import export_tiny


@pytest.mark.exhaustive
def test_a_model_is_written_for_tflite(tmp_path: Path) -> None:
    out = tmp_path / "clips.tflite"
    export_tiny("mocogan", str(tmp_path / "model"))
    arguments = ["export", str(tmp_path / "model"), "--format", "tflite", "--out", str(out)]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, result.output
    assert result.output.startswith(f"{out} (0.02 MB), {out}.json: a clip differs from the model's")
    assert tf.lite.Interpreter(str(out)).get_signature_list()["serving_default"]["outputs"] == [
        "clips"
    ]


@pytest.mark.exhaustive
def test_the_result_is_printed_as_json(tmp_path: Path) -> None:
    out = tmp_path / "new" / "clips.tflite"
    export_tiny("mocogan", str(tmp_path / "model"))
    arguments = ["export", str(tmp_path / "model"), "--format", "tflite", "--out", str(out)]
    result = CliRunner().invoke(cli, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    exported = json.loads(result.stdout)
    assert (exported["path"], exported["size"]) == (str(out), out.stat().st_size)


def test_a_missing_model_is_one_line(refused: Refused, tmp_path: Path) -> None:
    [line] = refused("export", str(tmp_path), "--format", "tflite")
    assert line.startswith(f"error: {tmp_path} contains no model")


def test_an_unknown_format_is_named() -> None:
    result = CliRunner().invoke(cli, ["export", "model", "--format", "tfjs"])
    assert result.exit_code == 2
    assert "'tfjs' is not one of 'tflite', 'onnx'" in result.output
