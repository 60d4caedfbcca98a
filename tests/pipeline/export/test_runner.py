from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.export import runner
from mocogan.pipeline.export.conversion import run_tflite, to_tflite
from mocogan.pipeline.export.runner import export_model


def refusal(path: Path | str, file_format: str = "tflite", out: Path | str = "model") -> str:
    with pytest.raises(ExpectedError) as caught:
        export_model(str(path), file_format, str(out))
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.exhaustive
def test_a_description_is_written_beside_the_file(
    exported: Callable[[str], str], tmp_path: Path
) -> None:
    versions = Path(exported("moving_parts")).parent
    result = export_model(str(versions), "tflite", str(tmp_path / "clips.tflite"))
    assert result.difference <= 1
    assert (tmp_path / "clips.tflite").stat().st_size == result.size
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "clips.tflite",
        "clips.tflite.json",
    ]
    assert json.loads((tmp_path / "clips.tflite.json").read_text()) == {
        "format_version": 1,
        "format": "tflite",
        "inputs": {
            "z_content": {"shape": [1, 5], "dtype": "float32"},
            "motion_noise": {"shape": [1, 4, 3], "dtype": "float32"},
            "first_state": {"shape": [1, 64], "dtype": "float32"},
            "category": {"shape": [1], "dtype": "int64"},
        },
        "outputs": {"clips": {"shape": [1, 4, 8, 8, 3], "dtype": "uint8"}},
        "labels": ["run", "walk"],
        "frame_rate": 12.5,
    }


def test_what_cannot_be_exported_is_refused(models: dict[str, str], tmp_path: Path) -> None:
    assert "missing does not exist" in refusal(tmp_path / "missing")
    assert "has no function render_one" in refusal(models["squares"])
    assert "--out must be a local file" in refusal(models["squares"], out=tmp_path)
    assert "--out must be a local file" in refusal(models["squares"], out="gs://bucket/model")
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "saved_model.pb").write_bytes(b"no model")
    assert f"{broken}/saved_model.pb is not a valid SavedModel" in refusal(broken)


def test_a_file_that_cannot_be_written_is_refused(
    exported: Callable[[str], str], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    out = tmp_path / "file" / "clips.tflite"
    message = refusal(exported("moving_parts"), out=out)
    assert message == f"--out {out} cannot be written: {tmp_path / 'file'} is a file"


@pytest.mark.exhaustive
def test_a_file_with_other_clips_is_refused(
    exported: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(content: bytes, inputs: dict[str, np.ndarray]) -> np.ndarray:
        return run_tflite(content, inputs) // 2 + 64

    monkeypatch.setitem(runner._RUNTIMES, "tflite", runner._Runtime(to_tflite, run))
    message = refusal(exported("moving_parts"), out=tmp_path / "clips.tflite")
    assert "gray levels, allowed is 1. Nothing was written" in message
    assert not list(tmp_path.iterdir())


def test_onnx_without_its_packages_names_the_command(
    exported: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tf2onnx", None)
    message = refusal(exported("moving_parts"), "onnx", tmp_path / "clips.onnx")
    assert message.endswith("Run: pip install 'mocogan-tfx[onnx]'")
