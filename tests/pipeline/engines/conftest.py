"""Compiled pipelines, as small as possible, and the command in this process."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from mocogan.data.synthetic.shapes import write_shape_motion
from mocogan.pipeline.cli.main import main
from mocogan.pipeline.config.loading import load_config
from mocogan.pipeline.config.settings import Config
from tests.support.spec_executor import SpecExecutor, copy_of_project
from tests.support.tiny_pipeline import tiny_options

# Runs a command. Returns its exit status, and the lines of its output and of its error output.
Command = Callable[..., tuple[int, list[str], list[str]]]

BUCKET = "gs://bucket"
IMAGE = f"registry/mocogan@sha256:{'0' * 64}"

_TINY = tiny_options(f"{BUCKET}/videos", f"{BUCKET}/out", "seed", steps=10) | {
    "service": {"image": IMAGE}
}


@pytest.fixture(scope="session")
def tiny_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A configuration that trains for seconds, with a gate that lets an untrained model pass."""
    path = tmp_path_factory.mktemp("config") / "tiny.yaml"
    path.write_text(yaml.safe_dump(_TINY), encoding="utf-8")
    return str(path)


@pytest.fixture(scope="session")
def tiny_config(tiny_file: str) -> Config:
    """The configuration in that file."""
    return load_config(tiny_file)


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project at another path."""
    return copy_of_project(tmp_path_factory.mktemp("image"))


@pytest.fixture(scope="session")
def service(
    tiny_file: str, packages: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., tuple[SpecExecutor, Path]]:
    """(engine, changed options) -> a service with the compiled pipeline, and the folder that is its bucket."""

    @functools.cache
    def compiled(engine: str, *assignments: str) -> Path:
        from mocogan.pipeline.engines.compiling import compile_pipeline, write_spec

        name = "mocogan.json" if engine == "vertex" else "mocogan.yaml"
        spec = tmp_path_factory.mktemp("spec") / name
        write_spec(compile_pipeline(load_config(tiny_file, assignments), engine), str(spec))
        return spec

    def make(engine: str, *assignments: str) -> tuple[SpecExecutor, Path]:
        bucket = tmp_path_factory.mktemp(engine)
        write_shape_motion(bucket / "videos", num_videos=8, seed=0, num_frames=12, size=16)
        return SpecExecutor(compiled(engine, *assignments), BUCKET, bucket, packages), bucket

    return make


@pytest.fixture
def mocogan(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """The `mocogan` command."""

    def run(*arguments: str) -> tuple[int, list[str], list[str]]:
        monkeypatch.setattr(sys, "argv", ["mocogan", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out.splitlines(), printed.err.splitlines()

    return run
