"""A hash of the source a component runs, for its cache key.

TFX's cache key knows a component's inputs and parameters but not the code of custom executors and
`run_fn`s. Each component therefore carries this hash among its parameters: editing its code, a module
of ours which that imports, or a template of such a module re-runs it.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
from collections.abc import Iterable
from pathlib import Path

CODE_FINGERPRINT_KEY = "code_fingerprint"  # name of the parameter and of the custom property

_PACKAGE = "mocogan"


def code_fingerprint(*module_names: str) -> str:
    """16 hex digits over the modules, and our modules that they import, directly or not.

    Of each module count the source and the files in the folder `templates` beside it. Imports must be absolute to be
    seen.

    Raises ModuleNotFoundError when a name is not an importable module of this project.
    """
    sources: dict[str, str] = {}
    waiting = list(module_names)
    while waiting:
        name = waiting.pop()
        if name not in sources:
            sources[name] = _source(name)
            waiting.extend(_own_imports(sources[name]))
    digest = hashlib.sha256()
    for name in sorted(sources):
        digest.update(f"{name}\n{len(sources[name])}\n{sources[name]}".encode())
    for template in sorted(_templates(sources)):
        content = template.read_bytes()
        digest.update(f"{template.name}\n{len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]


def _source(module_name: str) -> str:
    path = _source_path(module_name)
    if path is None:
        raise ModuleNotFoundError(f"no module {module_name!r} of {_PACKAGE} to fingerprint")
    return path.read_text(encoding="utf-8")


def _templates(module_names: Iterable[str]) -> set[Path]:
    folders = {path.parent / "templates" for path in map(_source_path, module_names) if path}
    return {path for folder in folders for path in folder.glob("*") if path.is_file()}


def _source_path(module_name: str) -> Path | None:
    """The file of one of this project's modules. Imports nothing."""
    package, *rest = module_name.split(".")
    if package != _PACKAGE:
        return None
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0], *rest)
    candidates = (path.with_suffix(".py"), path / "__init__.py")
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def _own_imports(source: str) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            submodules = (f"{node.module}.{alias.name}" for alias in node.names)
            names.update(name if _source_path(name) else node.module for name in submodules)
    return {name for name in names if name.split(".")[0] == _PACKAGE}
