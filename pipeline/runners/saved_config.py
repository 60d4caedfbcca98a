"""The configuration of the newest run, `<out>/config.yaml`."""

from __future__ import annotations

from pathlib import Path

from mocogan.data import atomic
from mocogan.pipeline.config.rendering import to_yaml
from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.output_folder import not_writable

CONFIG_FILE = "config.yaml"  # in the output folder


def save_config(config: Config) -> Path:
    """Writes `<out>/config.yaml` and returns its path. An earlier file stays whole if this fails.

    Raises:
        OutNotWritable: The output folder cannot be made or written.
    """
    path = Path(config.out, CONFIG_FILE)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic.write_file(path, to_yaml(config).encode())
    except OSError as error:
        raise not_writable(config.out, error) from error
    return path
