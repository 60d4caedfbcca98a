"""The wheel, installed beside a project that has folders `data/`, `trainer/` and `pipeline/` of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# A module of that project, which imports its own packages and ours.
SOMETHING = """
import data.loader, trainer, pipeline
import mocogan.data.config
from mocogan.components.reports.page import environment
from mocogan.components.schema import schema_path
from mocogan.pipeline.config.loading import load_config
from mocogan.pipeline.config.settings import PRESETS

print(data.loader.OWNER, trainer.OWNER, pipeline.OWNER)
print(mocogan.__file__)
print(environment().get_template("base.html").filename)
print(schema_path())
print(*{load_config(preset=preset, data="videos").preset for preset in PRESETS} ^ set(PRESETS))
"""


def run(command: Sequence[str | Path], folder: Path, **variables: str) -> str:
    """What the command prints in `folder`. Fails with the command's output."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), **variables}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def pip(folder: Path, *arguments: str | Path) -> None:
    """Runs pip without a network."""
    options = ["--no-deps", "--no-index", "--disable-pip-version-check", "--quiet"]
    run([sys.executable, "-m", "pip", *arguments, *options], folder)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that git tracks, and no others: builds would take in what lies beside them."""
    folder = tmp_path_factory.mktemp("sources")
    for name in run(["git", "ls-files", "-z"], ROOT).split("\0"):
        if name and os.path.lexists(ROOT / name):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
    return folder


@pytest.fixture(scope="module")
def wheel(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip(folder, "wheel", "--no-build-isolation", "-w", folder, sources)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the wheel's content and nothing else."""
    target = tmp_path_factory.mktemp("installed")
    pip(target, "install", "--no-compile", "--target", target, wheel)
    return target


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Somebody's project, with package names that are ours at the top of the repository."""
    for name in ("data", "trainer", "pipeline"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("OWNER = 'theirs'\n")
    (tmp_path / "data/loader.py").write_text("OWNER = 'theirs'\n")
    (tmp_path / "data/something.py").write_text(SOMETHING)
    return tmp_path


def test_the_wheel_brings_one_package_with_every_tracked_file(sources: Path, wheel: Path) -> None:
    package = sources / "src/mocogan"
    tracked = {
        os.path.relpath(os.path.join(folder, file), package.parent)
        for folder, _, files in os.walk(package, followlinks=True)
        for file in files
    }
    suffixes = {Path(name).suffix for name in tracked}
    assert suffixes >= {".py", ".typed", ".yaml", ".pbtxt", ".html", ".css", ".js", ".svg"}
    names = zipfile.ZipFile(wheel).namelist()
    assert {name for name in names if ".dist-info/" not in name} == tracked


def test_both_projects_import_their_own_packages(installed: Path, project: Path) -> None:
    shown = run([sys.executable, "-m", "data.something"], project, PYTHONPATH=str(installed))
    assert shown.splitlines() == [
        "theirs theirs theirs",
        f"{installed}/mocogan/__init__.py",
        f"{installed}/mocogan/components/reports/templates/base.html",
        f"{installed}/mocogan/components/schema/schema.pbtxt",
        "",  # every preset loads
    ]


def wheel_version(wheel: Path) -> str:
    return wheel.name.split("-")[1]


def test_the_command_works_from_the_other_project(
    wheel: Path, installed: Path, project: Path
) -> None:
    command = [sys.executable, installed / "bin/mocogan", "config", "--preset", "demo"]
    shown = run([*command, "--data", "videos"], project, PYTHONPATH=str(installed))
    assert shown.startswith("preset: demo ")
    command = [sys.executable, installed / "bin/mocogan", "--version"]
    assert run(command, project, PYTHONPATH=str(installed)) == f"mocogan {wheel_version(wheel)}\n"
