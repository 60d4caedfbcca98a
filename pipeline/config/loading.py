"""Reads a configuration from a preset, a YAML file and the command line, and checks it.

Later sources override earlier ones, in this order: preset, file, `--set`, `--data` and `--out`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from mocogan.components.settings import (
    boolean_problems,
    flattened_keys,
    unknown_keys,
    validation_messages,
)
from mocogan.pipeline.config.renamed import old_names
from mocogan.pipeline.config.settings import PRESETS, Config
from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.metadata.servers.address import without_password
from mocogan.trainer.contract import LATEST, NO_WARM_START

CONFIG_VARIABLE = "MOCOGAN_CONFIG"
_NO_FOLDER = "none://"  # no folder can lie in it
EXAMPLE_ASSIGNMENT = "trainer.run.steps=500"


class ConfigError(ExpectedError):
    """A configuration that cannot be used. The message names the key, the value and the fix, but no password."""

    def __init__(self, message: str) -> None:
        super().__init__(without_password(message))


def load_config(
    path: str | None = None,
    assignments: Sequence[str] = (),
    preset: str | None = None,
    data: str | None = None,
    out: str | None = None,
    fallback_preset: str | None = None,
    needs_data: bool = True,
) -> Config:
    """Reads and checks a configuration. Local folders become absolute.

    Relative folders in a file are relative to the file. Other relative folders are relative to the working directory.

    Args:
        path: YAML file.
        assignments: Options as `key=value`, such as `trainer.run.steps=500`.
        preset: Name of the preset to start from: demo, shapes, text, seed or paper.
        data: Folder of videos.
        out: Output folder.
        fallback_preset: Preset if neither the arguments nor the file name one.
        needs_data: Whether a missing data folder is an error. Otherwise it is None, for display only.

    Returns:
        The configuration.

    Raises:
        ConfigError: the file is unreadable, a key is unknown or outdated, or a value is invalid.
    """
    from_file = _read_file(path) if path else {}
    from_command = _read_assignments(assignments)
    from_command |= {
        key: folder for key, folder in (("data", data), ("out", out)) if folder is not None
    }
    named = preset or from_command.get("preset") or from_file.get("preset")
    chosen = named or fallback_preset
    values = _merge(_read_preset(chosen) if chosen else {}, from_file, from_command)
    if chosen:
        values["preset"] = chosen
    values.setdefault("out", Config.model_fields["out"].default)
    _make_absolute(values, Path.cwd())
    if values.get("data", "") is None:  # as `mocogan config` without a folder prints it
        del values["data"]
    without_data = not needs_data and "data" not in values
    if without_data:
        values["data"] = _NO_FOLDER
    if problems := [*_key_problems(values), *boolean_problems(Config, values)]:
        raise ConfigError("\n".join(problems))
    try:
        config = Config.model_validate(values)
        return config.model_copy(update={"data": None}) if without_data else config
    except ValidationError as error:
        raise ConfigError("\n".join(validation_messages(Config, error))) from None


def config_from_environment() -> Config:
    """Reads the configuration file in MOCOGAN_CONFIG, for the runner files, which take no arguments.

    Raises:
        ConfigError: the variable is not set, or the configuration cannot be used.
    """
    path = os.environ.get(CONFIG_VARIABLE)
    if not path:
        raise ConfigError(
            f"{CONFIG_VARIABLE} is not set. Set it to the path of a configuration file. "
            "`mocogan config --preset demo --data DIR > my.yaml` writes one"
        )
    return load_config(path)


def _read_file(path: str) -> dict[str, Any]:
    try:
        values = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read the configuration {path}: {error.strerror}") from None
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        raise ConfigError(f"{path}{_yaml_problem(error)}") from None
    if not isinstance(values, dict):
        raise ConfigError(f"{path} must contain keys and values, such as `data: videos/`")
    _make_absolute(values, Path(path).resolve().parent)
    return values


def _yaml_problem(error: Exception) -> str:
    """Where a YAML text is broken and what is wrong, in one line, to follow its name."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        mark = error.problem_mark
        context = f" {error.context}" if error.context else ""
        return f", line {mark.line + 1}, column {mark.column + 1}: {error.problem}{context}"
    if isinstance(error, UnicodeDecodeError):
        return ": the file is not UTF-8 text"
    if isinstance(error, RecursionError):
        return ": lists or mappings are nested too deeply"
    return f": {' '.join(str(error).split())}"


def _make_absolute(values: dict[str, Any], base: Path) -> None:
    for key in ("data", "out"):
        folder = values.get(key)
        if folder == "":
            raise ConfigError(
                f"{key} is empty. Set it to a folder, such as '.' for the working directory"
            )
        if isinstance(folder, str):
            values[key] = _absolute(folder, base)
    trainer = values.get("trainer")
    run = trainer.get("run") if isinstance(trainer, dict) else None
    if not isinstance(run, dict):
        return
    model = run.get("warm_start")
    if isinstance(model, str) and model not in ("", NO_WARM_START, LATEST):
        run["warm_start"] = _absolute(model, base)


def _absolute(folder: str, base: Path) -> str:
    """Addresses stay as they are."""
    return folder if "://" in folder else str((base / Path(folder).expanduser()).resolve())


def _read_preset(name: Any) -> dict[str, Any]:
    if name not in PRESETS:
        raise ConfigError(f"preset={name} must be one of {', '.join(PRESETS)}")
    text = (
        resources.files("mocogan.pipeline.config")
        .joinpath(f"presets/{name}.yaml")
        .read_text("utf-8")
    )
    values: dict[str, Any] = yaml.safe_load(text)
    return values


def _read_assignments(assignments: Sequence[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        if not equals or not key:
            raise ConfigError(
                f"--set {assignment}: the argument must be key=value, such as {EXAMPLE_ASSIGNMENT}"
            )
        *sections, name = key.strip().split(".")
        inner = values
        for section in sections:
            inner = inner.setdefault(section, {})
            if not isinstance(inner, dict):
                raise ConfigError(
                    f"--set {assignment}: {section} has the value {inner!r} from another --set. Remove one of them"
                )
        try:
            inner[name] = yaml.safe_load(text)
        except yaml.YAMLError as error:
            problem = _yaml_problem(error)
            raise ConfigError(f"--set {assignment}: cannot read the value{problem}") from None
    return values


def _merge(*layers: Mapping[str, Any]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for layer in layers:
        for key, value in layer.items():
            below = merged.get(key)
            if isinstance(below, dict) and isinstance(value, dict):
                merged[key] = _merge(below, value)
            else:
                merged[key] = value
    return merged


def _key_problems(values: Mapping[str, Any]) -> Iterator[str]:
    """One message per old or unknown key."""
    messages = unknown_keys(Config, values) | dict(old_names(values))
    return (messages[key] for key in flattened_keys(values) if key in messages)
