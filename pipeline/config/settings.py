"""The configuration: one validated value that every node of the pipeline takes its parameters from.

Read in this order, later over earlier: the preset, the YAML file, `--set` assignments and command-line folders.
"""

from __future__ import annotations

import difflib
import math
import os
import types
import typing
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from mocogan.components.video_evaluator.config import EvaluatorConfig
from mocogan.data.config import IngestConfig
from mocogan.trainer.config import TrainerConfig

CONFIG_VARIABLE = "MOCOGAN_CONFIG"
PRESETS = ("demo", "shapes", "seed", "paper")


class ConfigError(ValueError):
    """A configuration that cannot be used; the message names the key, the value and the fix."""


class ServiceSpec(BaseModel):
    """Where the pipeline runs when it is compiled for Vertex AI or Kubeflow."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    image: str | None = Field(
        None, description="container image with this project installed (default: TFX's own)"
    )
    gpu_type: str = Field("NVIDIA_TESLA_T4", description="accelerator of the trainer's machine")
    gpu_count: int = Field(1, ge=0, description="accelerators of the trainer's machine; 0: none")


class Config(BaseModel):
    """Every parameter of a pipeline."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    preset: str | None = Field(None, description=f"the values to start from: {', '.join(PRESETS)}")
    pipeline_name: str = Field(
        "mocogan", pattern=r"^[a-z0-9][a-z0-9-]*$", description="name of the pipeline and the model"
    )
    data: str = Field(description="folder of videos; a sub-folder is a class")
    out: str = Field("output", description="folder that everything a run makes lies under")
    cache: bool = Field(True, description="reuse what an earlier run made from the same inputs")
    beam_args: tuple[str, ...] = Field(
        ("--runner=FnApiRunner",), description="flags of the Beam runner"
    )
    workers: int = Field(
        1, ge=1, le=1024, description="processes that decode videos on this machine"
    )
    ingest: IngestConfig = IngestConfig()
    trainer: TrainerConfig = Field(default_factory=TrainerConfig)
    evaluator: EvaluatorConfig = EvaluatorConfig()
    service: ServiceSpec = ServiceSpec()

    @model_validator(mode="after")
    def _out_is_not_in_data(self) -> Config:
        if f"{self.out}/".startswith(f"{self.data.rstrip('/')}/"):
            raise ValueError(
                f"out={self.out!r} lies in data={self.data!r}: the next run would take clips and reports "
                "for videos; choose a folder beside it"
            )
        return self

    @property
    def pipeline_root(self) -> str:
        """Folder of the artifacts."""
        return f"{self.out}/tfx_pipeline_output"

    @property
    def checkpoint_root(self) -> str:
        """Folder that holds a folder of checkpoints for each training."""
        return f"{self.out}/checkpoints"

    @property
    def metadata_path(self) -> str:
        """File of the ML Metadata store."""
        return f"{self.out}/tfx_metadata/metadata.db"

    @property
    def serving_model_dir(self) -> str:
        """Folder that holds a numbered folder for each pushed model."""
        return f"{self.out}/serving_model/{self.pipeline_name}"

    @property
    def runs_dir(self) -> str:
        """Folder that holds each run's configuration and log."""
        return f"{self.out}/runs"

    @property
    def ingest_beam_args(self) -> list[str]:
        """Flags of the Beam runner beyond `beam_args` for the ingest."""
        if self.workers == 1:
            return []
        return [f"--direct_num_workers={self.workers}", "--direct_running_mode=multi_processing"]

    def to_yaml(self) -> str:
        """The whole configuration, every key spelled out with its meaning."""
        return "\n".join(_commented_lines(self)) + "\n"


def _commented_lines(section: BaseModel, indent: str = "") -> list[str]:
    lines: list[str] = []
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        if isinstance(value, BaseModel):
            lines += ["", f"{indent}{name}:", *_commented_lines(value, indent + "  ")]
        else:
            plain = list(value) if isinstance(value, tuple) else value
            text = yaml.safe_dump(plain, default_flow_style=True, width=math.inf)
            written = f"{indent}{name}: {text.splitlines()[0]}"
            lines.append(f"{written:<40}  # {field.description}")
    return lines


def load_config(
    path: str | None = None,
    assignments: Sequence[str] = (),
    preset: str | None = None,
    data: str | None = None,
    out: str | None = None,
) -> Config:
    """Reads and checks a configuration; local folders come back absolute.

    Folders named in a file are relative to that file, those of the command line to the working directory.

    Raises:
        ConfigError: an unreadable file, an unknown key (with the nearest known one) or a bad value.
    """
    from_file = _read_file(path) if path else {}
    explicit: dict[str, Any] = {}
    for assignment in assignments:
        _assign(explicit, assignment)
    if data is not None:
        explicit["data"] = data
    if out is not None:
        explicit["out"] = out
    chosen = preset or explicit.get("preset") or from_file.get("preset")
    values = _merge(_read_preset(chosen) if chosen else {}, from_file, explicit)
    if chosen:
        values["preset"] = chosen
    values.setdefault("out", Config.model_fields["out"].default)
    _make_absolute(values, Path.cwd())
    _refuse_unknown_keys(values)
    _refuse_switches_for_numbers(Config, values)
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        raise ConfigError(_readable(error)) from None


def config_from_environment() -> Config:
    """The configuration named by MOCOGAN_CONFIG, for the runner files, which take no arguments.

    Raises ConfigError when the variable is not set or the configuration cannot be used.
    """
    path = os.environ.get(CONFIG_VARIABLE)
    if not path:
        raise ConfigError(
            f"{CONFIG_VARIABLE} is not set: point it to a YAML file, "
            "such as `mocogan config --preset demo --data DIR > my.yaml` writes"
        )
    return load_config(path)


def known_keys(model: type[BaseModel] = Config, prefix: str = "") -> list[str]:
    """Every key of the configuration with its section, such as `trainer.steps`."""
    keys: list[str] = []
    for name, field in model.model_fields.items():
        section = _section(field.annotation)
        keys += known_keys(section, f"{prefix}{name}.") if section else [prefix + name]
    return keys


def _section(annotation: Any) -> type[BaseModel] | None:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return next(filter(None, map(_section, typing.get_args(annotation))), None)
    is_model = isinstance(annotation, type) and issubclass(annotation, BaseModel)
    return annotation if is_model else None


def _read_file(path: str) -> dict[str, Any]:
    try:
        values = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"cannot read the configuration {path}: {error}") from None
    if not isinstance(values, dict):
        raise ConfigError(f"{path} must hold keys and values, such as `data: videos/`")
    _make_absolute(values, Path(path).resolve().parent)
    return values


def _make_absolute(values: dict[str, Any], base: Path) -> None:
    for key in ("data", "out"):
        folder = values.get(key)
        if folder == "":
            raise ConfigError(f"{key} is empty: name a folder ('.' is the one you are in)")
        if isinstance(folder, str) and "://" not in folder:
            values[key] = str((base / Path(folder).expanduser()).resolve())


def _read_preset(name: Any) -> dict[str, Any]:
    if name not in PRESETS:
        raise ConfigError(f"preset: no preset {name!r}; there are {', '.join(PRESETS)}")
    text = (
        resources.files("mocogan.pipeline.config")
        .joinpath(f"presets/{name}.yaml")
        .read_text("utf-8")
    )
    values: dict[str, Any] = yaml.safe_load(text)
    return values


def _assign(values: dict[str, Any], assignment: str) -> None:
    key, equals, text = assignment.partition("=")
    if not equals or not key:
        raise ConfigError(f"--set takes key=value, such as trainer.steps=500; got {assignment!r}")
    *sections, name = key.strip().split(".")
    for section in sections:
        values = values.setdefault(section, {})
    values[name] = yaml.safe_load(text)


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


def _refuse_unknown_keys(values: Mapping[str, Any]) -> None:
    known = known_keys()
    sections = {key.rpartition(".")[0] for key in known}
    for key in _flatten(values):
        if key not in known and key not in sections:
            raise ConfigError(f"unknown key {key!r}{_suggestion(key, known)}")


def _refuse_switches_for_numbers(
    model: type[BaseModel], values: Mapping[str, Any], prefix: str = ""
) -> None:
    """Pydantic would take `true` for 1."""
    for name, field in model.model_fields.items():
        value = values.get(name)
        section = _section(field.annotation)
        if section:
            if isinstance(value, Mapping):
                _refuse_switches_for_numbers(section, value, f"{prefix}{name}.")
        elif isinstance(value, bool) and field.annotation is not bool:
            raise ConfigError(
                f"{prefix}{name} is no switch but {field.description}; got {str(value).lower()}"
            )


def _flatten(values: Mapping[str, Any], prefix: str = "") -> list[str]:
    keys: list[str] = []
    for name, value in values.items():
        keys += (
            _flatten(value, f"{prefix}{name}.") if isinstance(value, dict) else [f"{prefix}{name}"]
        )
    return keys


def _suggestion(key: str, known: Sequence[str]) -> str:
    leaf = key.rpartition(".")[2]
    same_leaf = [name for name in known if name.rpartition(".")[2] == leaf]
    near = same_leaf or difflib.get_close_matches(key, known, n=1)
    if not near:
        leaves = {name.rpartition(".")[2]: name for name in known}
        near = [leaves[name] for name in difflib.get_close_matches(leaf, leaves, n=1)]
    return f"; did you mean {' or '.join(near)}?" if near else f"; known keys: {', '.join(known)}"


def _readable(error: ValidationError) -> str:
    lines = []
    for problem in error.errors():
        key = ".".join(map(str, problem["loc"])) or "configuration"
        if problem["type"] == "missing":
            lines.append(f"{key} is missing: {_meaning(key)}")
        else:
            message = problem["msg"].removeprefix("Value error, ")
            given = "" if problem["type"] == "value_error" else f", got {problem['input']!r}"
            lines.append(f"{key}: {message}{given}")
    return "; ".join(lines)


def _meaning(key: str) -> str:
    field = Config.model_fields.get(key)
    return (field.description if field else None) or "a value is needed"
