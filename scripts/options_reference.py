"""A hook of mkdocs: writes the page of all options from the configuration's own fields."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources

import yaml
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from mocogan.pipeline.config.loading import load_config
from mocogan.pipeline.config.rendering import comment
from mocogan.pipeline.config.settings import PRESETS, Config

_INTRODUCTION = """# Options

This page lists every option with its default. It is generated from the code.
`mocogan config` prints the same options as a YAML file. `--set KEY=VALUE` changes one of them.
The guide [Configure a run](../guides/configuration.md) explains how the values combine.

Brackets contain the choices or the range of a value.
Parentheses name the architectures that have the option. Other architectures refuse it.
"""
_NO_DEFAULT = "required"
_GUIDES = {  # an unnamed section inside a named one shares its guide
    "": "[Configure a run](../guides/configuration.md)",
    "beam": "[Ingest on a cluster](../guides/cluster.md)",
    "ingest": "[Train on your own videos](../guides/own-videos.md)",
    "trainer.model": "[The model](../concepts/model.md)",
    "trainer.loss": "[The model](../concepts/model.md)",
    "trainer.optimizer": "[Training](../concepts/training.md)",
    "trainer.checkpoint": "[Stop and resume](../guides/resume.md)",
    "trainer.run": "[Stop and resume](../guides/resume.md), [several devices](../guides/devices.md)",
    "trainer.diagnostics": "[Read the diagnostics](../guides/diagnostics.md)",
    "evaluator": "[Evaluation](../concepts/evaluation.md)",
    "infra_validator": "[Push a model](../guides/push.md#infra-validation)",
    "pusher": "[Push a model](../guides/push.md)",
    "service": "[Run on Vertex AI](../guides/vertex.md), [on Kubeflow](../guides/kubeflow.md)",
    "service.vertex": "[Run on Vertex AI](../guides/vertex.md)",
    "service.kubeflow": "[Run on Kubeflow](../guides/kubeflow.md)",
}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds `reference/options.md` to the site's files."""
    files.append(File.generated(config, "reference/options.md", content=options_page()))
    return files


def options_page() -> str:
    """The page as Markdown: a table for each section of the configuration, then the presets."""
    defaults = load_config(data="VIDEOS")
    parts = [_INTRODUCTION]
    for name, section in _sections(defaults):
        parts.append(
            f"## {name or 'Top level'}\n\nMore: {_guide(name)}.\n\n{_table(name, section)}"
        )
    parts.append(f"## Presets\n\n{_presets_table()}")
    return "\n".join(parts)


def _guide(name: str) -> str:
    """The guide of a section, or of the nearest section around it that has one."""
    while name not in _GUIDES:
        name = name.rpartition(".")[0]
    return _GUIDES[name]


def _sections(section: BaseModel, name: str = "") -> Iterator[tuple[str, BaseModel]]:
    """Sections that hold options of their own, with their dotted names, in the order of the configuration."""
    children = {key: getattr(section, key) for key in type(section).model_fields}
    nested = {key: value for key, value in children.items() if isinstance(value, BaseModel)}
    if len(nested) < len(children):
        yield name, section
    for key, value in nested.items():
        yield from _sections(value, f"{name}.{key}" if name else key)


def _table(name: str, section: BaseModel) -> str:
    rows = ["| option | default | meaning |", "|---|---|---|"]
    for key, field in type(section).model_fields.items():
        if not isinstance(getattr(section, key), BaseModel):
            option = f"{name}.{key}" if name else key
            default = _default(section, key, field)
            rows.append(f"| `{option}` | {default} | {_escaped(comment(field))} |")
    return "\n".join(rows) + "\n"


def _default(section: BaseModel, key: str, field: FieldInfo) -> str:
    if field.is_required():
        return _NO_DEFAULT
    # Read from a Config: an architecture fills its defaults in. Folders are absolute there.
    value = field.default if isinstance(section, Config) else getattr(section, key)
    return f"`{_plain(value)}`"


def _plain(value: object) -> str:
    listed = list(value) if isinstance(value, tuple) else value
    text: str = yaml.safe_dump(listed, default_flow_style=True, width=1000)
    return text.splitlines()[0]


def _escaped(text: str) -> str:
    return text.replace("<", "&lt;").replace("|", "\\|")


def _presets_table() -> str:
    """What each preset sets; an empty cell is the default."""
    values = {preset: dict(_leaves(_read_preset(preset))) for preset in PRESETS}
    names = sorted({name for options in values.values() for name in options})
    rows = ["| option | " + " | ".join(f"`{p}`" for p in PRESETS) + " |"]
    rows.append("|---" * (len(PRESETS) + 1) + "|")
    for name in names:
        cells = [f"`{_plain(values[p][name])}`" if name in values[p] else "" for p in PRESETS]
        rows.append(f"| `{name}` | " + " | ".join(cells) + " |")
    return "An empty cell means the default.\n\n" + "\n".join(rows) + "\n"


def _read_preset(name: str) -> dict[str, object]:
    path = resources.files("mocogan.pipeline.config") / "presets" / f"{name}.yaml"
    values: dict[str, object] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return values


def _leaves(values: dict[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for key, value in values.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            yield from _leaves(value, f"{name}.")
        else:
            yield name, value
