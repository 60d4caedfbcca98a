"""The folder of videos that `input_base` and `input_config` name."""

from __future__ import annotations

import os

from tfx.components.example_gen.input_processor import FileBasedInputProcessor
from tfx.proto.example_gen_pb2 import Input
from tfx.proto.range_config_pb2 import RangeConfig

_ALL_FILES = "*"  # at the end of a pattern


def check_input(input_base: str, input_config: Input, range_config: RangeConfig | None) -> None:
    """Checks what can be checked before the pipeline runs.

    Raises:
        ValueError: An argument is not valid.
    """
    if not isinstance(input_base, str) or not input_base:
        raise ValueError(f"input_base={input_base!r} must be the folder of videos, as a string")
    if not isinstance(input_config, Input):
        raise ValueError(f"input_config must be an example_gen_pb2.Input, got {input_config!r}")
    if range_config is not None and not isinstance(range_config, RangeConfig):
        raise ValueError(
            f"range_config must be a range_config_pb2.RangeConfig, got {range_config!r}"
        )
    names = [split.name for split in input_config.splits]
    if len(names) != 1:
        raise ValueError(
            f"input_config has the splits {names}, but VideoExampleGen makes the splits from one folder. Give it one "
            "split with the pattern '*', and the shares of 'train' and 'eval' in output_config"
        )
    _folder_of(input_config.splits[0].pattern)
    FileBasedInputProcessor(input_base, input_config.splits, range_config)  # checks the spans


def input_folder(input_base: str, pattern: str) -> str:
    """Returns the folder of videos, such as `videos/span-3` for `videos` and the pattern `span-3/*`."""
    folder = _folder_of(pattern)
    return os.path.join(input_base, folder) if folder else input_base


def _folder_of(pattern: str) -> str:
    folder, _, files = pattern.rpartition("/")
    if files != _ALL_FILES or any(character in folder for character in "*?["):
        raise ValueError(
            f"the pattern {pattern!r} in input_config must be '*' or a folder with '/*', such as 'span-{{SPAN}}/*'. "
            "All files in the folder and its subfolders are read"
        )
    return folder
