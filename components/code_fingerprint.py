"""A hash of the source code that a component runs, for its cache key.

TFX's cache key covers a component's inputs and parameters, but not the code of custom executors and `run_fn`s.
Each component therefore takes this hash as a parameter. A component re-runs when its code changes, or a module of
this project that its code imports, or a template of such a module.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
from collections.abc import Iterable
from pathlib import Path

CODE_FINGERPRINT_KEY = "code_fingerprint"  # name of the parameter and of the custom property

_PACKAGE = "mocogan"
_MODULES: dict[str, tuple[str, ...]] = {}  # fingerprints of this process -> what was hashed


def code_fingerprint(*module_names: str) -> str:
    """Hashes the named modules and all modules of this project that they import. Returns 16 hex digits.

    The hash covers each module's source and the files in the `templates` folder beside it. It follows only absolute
    imports.

    Raises ModuleNotFoundError when a name is not a module of this project.
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
    fingerprint = digest.hexdigest()[:16]
    _MODULES[fingerprint] = module_names
    return fingerprint


def fingerprinted_modules(fingerprint: str) -> tuple[str, ...]:
    """The module names that `code_fingerprint` hashed in this process. Raises KeyError for another hash."""
    return _MODULES[fingerprint]


def _source(module_name: str) -> str:
    path = _source_path(module_name)
    if path is None:
        raise ModuleNotFoundError(f"no module {module_name!r} in package {_PACKAGE}")
    return path.read_text(encoding="utf-8")


def _templates(module_names: Iterable[str]) -> set[Path]:
    folders = {path.parent / "templates" for path in map(_source_path, module_names) if path}
    return {path for folder in folders for path in folder.glob("*") if path.is_file()}


def _source_path(module_name: str) -> Path | None:
    """The file of a module of this project, found without importing the module."""
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
