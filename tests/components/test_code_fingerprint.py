"""What changes the hash, and what does not: on a small project of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mocogan.components.code_fingerprint import code_fingerprint

FILES = {
    "mocogan/__init__.py": "",
    "mocogan/data/__init__.py": "",
    "mocogan/data/clip.py": "from mocogan.data import size\n",
    "mocogan/data/size.py": "SIZE = 1\n",
    "mocogan/data/unused.py": "",
    "mocogan/data/templates/page.html": "<p>",
    "mocogan/evaluation/templates/unused.html": "<p>",
    "mocogan/trainer/__init__.py": "",
    "mocogan/trainer/loop.py": "raise SystemExit('imported')\n",
    "mocogan/trainer/entry.py": "import os\nfrom mocogan.data.clip import x\nimport mocogan.trainer.loop\n",
    "other/__init__.py": "",
    "other/library.py": "",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the same packages as this one, in place of it."""
    for name, source in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    for name in [name for name in sys.modules if name.split(".")[0] == "mocogan"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "edited",
    [
        "mocogan/trainer/entry.py",
        "mocogan/trainer/loop.py",
        "mocogan/data/size.py",
        "mocogan/data/templates/page.html",
    ],
)
def test_editing_a_module_or_what_it_imports_changes_the_hash(project: Path, edited: str) -> None:
    before = code_fingerprint("mocogan.trainer.entry")
    with (project / edited).open("a") as file:
        file.write("# edited\n")
    assert code_fingerprint("mocogan.trainer.entry") != before


@pytest.mark.parametrize(
    "edited",
    ["mocogan/data/unused.py", "other/library.py", "mocogan/evaluation/templates/unused.html"],
)
def test_editing_another_module_does_not(project: Path, edited: str) -> None:
    before = code_fingerprint("mocogan.trainer.entry")
    (project / edited).write_text("edited = True\n")
    assert code_fingerprint("mocogan.trainer.entry") == before


def test_names_of_packages_and_of_things_in_them_are_told_apart(project: Path) -> None:
    (project / "mocogan" / "data" / "__init__.py").write_text("thing = 1\n")
    (project / "mocogan" / "trainer" / "entry.py").write_text("from mocogan.data import thing\n")
    before = code_fingerprint("mocogan.trainer.entry")
    (project / "mocogan" / "data" / "__init__.py").write_text("thing = 2\n")
    assert code_fingerprint("mocogan.trainer.entry") != before


def test_hash_is_of_all_named_modules_in_any_order(project: Path) -> None:
    both = code_fingerprint("mocogan.data.unused", "mocogan.trainer.entry")
    assert both == code_fingerprint("mocogan.trainer.entry", "mocogan.data.unused")
    assert both not in (
        code_fingerprint("mocogan.data.unused"),
        code_fingerprint("mocogan.trainer.entry"),
    )


@pytest.mark.parametrize(
    "name", ["mocogan.trainer.nothing", "mocogan.trainer.entry.run_fn", "os", "json.tool", ""]
)
def test_only_modules_of_the_project_have_one(project: Path, name: str) -> None:
    with pytest.raises(ModuleNotFoundError, match=f"no module '{name}'"):
        code_fingerprint(name)


def test_source_is_read_and_not_imported(project: Path) -> None:
    code_fingerprint("mocogan.trainer.entry")
    assert "mocogan.trainer.loop" not in sys.modules


def test_hash_is_the_same_in_another_process(project: Path) -> None:
    root = Path(__file__).parents[2]
    command = (
        f"import importlib.util as u; s = u.spec_from_file_location('f', "
        f"{str(root / 'components' / 'code_fingerprint.py')!r}); m = u.module_from_spec(s); "
        f"s.loader.exec_module(m); print(m.code_fingerprint('mocogan.trainer.entry'))"
    )
    result = subprocess.run(
        [sys.executable, "-c", command], cwd=project, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == code_fingerprint("mocogan.trainer.entry")
