"""Every package that the code imports is named in pyproject.toml."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
PACKAGES = ("data", "evaluation", "trainer", "components", "pipeline", "src/mocogan")
EXTRAS = ("mlflow", "notebook", "onnx", "serve", "wandb")
# Import names whose distribution has another name.
DISTRIBUTIONS = {
    "PIL": "pillow",
    "absl": "absl-py",
    "apitools": "google-apitools",
    "google.cloud": "google-cloud-aiplatform",
    "google.protobuf": "protobuf",
    "grpc": "grpcio",
    "mlflow": "mlflow-skinny",
    "tensorflow_serving": "tensorflow-serving-api",
    "yaml": "pyyaml",
}


def imported_names(source: str) -> Iterator[str]:
    """The names of absolute imports, with the package below `google`."""
    for node in ast.walk(ast.parse(source)):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
        for name in names:
            parts = name.split(".")
            yield ".".join(parts[: 2 if parts[0] == "google" else 1])


def distributions() -> set[str]:
    """The distributions of everything that the code imports."""
    names = {
        name
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for name in imported_names(path.read_text(encoding="utf-8"))
    }
    others = names - {"mocogan"} - sys.stdlib_module_names
    return {DISTRIBUTIONS.get(name, canonicalize_name(name)) for name in others}


def declared() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    lines = [*project["dependencies"], *(line for name in EXTRAS for line in extras[name])]
    return {canonicalize_name(Requirement(line).name) for line in lines}


def test_every_import_is_declared() -> None:
    found = distributions()
    assert {"click", "protobuf", "absl-py", "tensorflow-transform"} <= found
    assert found - declared() == set()
