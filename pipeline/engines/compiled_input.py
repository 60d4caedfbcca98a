"""The compiled pipeline that a command names: a file, or the configuration, which is compiled first."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from mocogan.data.verbosity import is_quiet
from mocogan.pipeline.config.loading import load_config
from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.engines.checks import config_warnings
from mocogan.pipeline.engines.compiled_spec import SUFFIXES, CompiledSpec, read_spec

_NO_DATA = "gs://compiled"  # in place of the data folder, which a compiled pipeline has in it


def service_config(options: Mapping[str, Any]) -> Config:
    """The configuration of a command that compiles nothing, so that it needs no data folder. Raises ConfigError."""
    return load_config(**{**options, "data": options.get("data") or _NO_DATA})


def show_warnings(config: Config) -> None:
    """Prints what will run, but has a risk, to standard error."""
    if not is_quiet():
        for warning in config_warnings(config):
            click.echo(f"warning: {warning}", err=True)


@contextmanager
def compiled_spec(
    config: Config, engine: str, spec: str | None, connect: Callable[[], None] | None = None
) -> Iterator[CompiledSpec]:
    """The compiled pipeline. Its file exists as long as the context. Prints warnings to standard error.

    Args:
        config: All options of the pipeline.
        engine: VERTEX or KUBEFLOW.
        spec: File with a compiled pipeline. None: the configuration is compiled.
        connect: Checks that the engine can be reached. Called after a file is read, and before a slow compilation.

    Raises:
        BadSpec: the file cannot be used.
        ConfigError: the configuration cannot run on this engine.
    """
    given = None if spec is None else read_spec(spec, engine)
    if connect:
        connect()
    if given is not None:
        yield given
        return
    from mocogan.pipeline.engines.compiling import compile_pipeline, write_spec

    show_warnings(config)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, config.pipeline_name + SUFFIXES[engine][0])
        write_spec(compile_pipeline(config, engine), str(path))
        yield read_spec(path, engine)
