"""The container image: what is copied into it, how it is built, and what its entry point starts."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
ENTRYPOINT = ROOT / "scripts/image/entrypoint.sh"


def script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_everything_that_is_installed_is_copied_and_nothing_else():
    first, *lines = [
        line
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if not line.startswith("#")
    ]
    assert first == "*"
    copied = {line.removeprefix("!") for line in lines if line.startswith("!")}
    packages = {path.name for path in (ROOT / "src/mocogan").iterdir() if path.is_symlink()}
    files = {"LICENSE", "README.md", "pyproject.toml"}
    assert copied == packages | files | {"src", "locks", "scripts"}
    (compiled,) = re.findall(r"compileall -q (.*) &&", DOCKERFILE)
    assert set(compiled.split()) == packages


def test_the_bases_are_pinned_by_digest():
    bases = re.findall(r"^ARG (?:BASE|GO)=(\S+)$", DOCKERFILE, re.MULTILINE)
    assert len(bases) == 2
    assert all(re.fullmatch(r"\S+:\S+@sha256:[0-9a-f]{64}", base) for base in bases)


def test_it_builds_without_buildkit():
    """`tfx pipeline create --build-image` builds with Docker's old builder."""
    assert not re.search(r"--mount|--chmod|--link|<<|^# *syntax", DOCKERFILE, re.MULTILINE)


def test_the_user_is_not_root():
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == ["1000"]


@pytest.mark.parametrize(
    ("arguments", "started"),
    [
        (["mocogan", "run", "--data", "a b"], "mocogan run --data a b"),
        (["run", "--data", "a b"], "mocogan run --data a b"),
        (["export", "model"], "mocogan export model"),  # also a command of the shell
        (["--version"], "mocogan --version"),
        ([], "mocogan "),
        (["python", "-m", "tfx"], "python -m tfx"),
    ],
    ids=str,
)
def test_the_entry_point_starts_a_command(tmp_path: Path, arguments: list[str], started: str):
    for name in ("mocogan", "python"):
        script(tmp_path / name, f'echo {name} "$@"')
    done = subprocess.run(
        [ENTRYPOINT, *arguments],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == started.strip()


@pytest.mark.parametrize("flag", ["--id=1", "--worker_pool", "-id=1"])
def test_the_entry_point_starts_a_worker_of_beam(flag: str):
    done = subprocess.run([ENTRYPOINT, flag], capture_output=True, text=True)
    assert "/opt/apache/beam/boot" in done.stderr  # which is in the image only


def build(root: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs scripts/image.sh, which finds the engines in `root` only."""
    for program in ("bash", "dirname"):
        if not (root / program).exists():
            (root / program).symlink_to(f"/usr/bin/{program}")
    return subprocess.run(
        ["/bin/bash", ROOT / "scripts/image.sh", *arguments],
        env={"PATH": str(root), **variables},
        capture_output=True,
        text=True,
    )


def test_without_an_engine_one_line_says_what_to_do(tmp_path: Path):
    script(tmp_path / "docker", 'echo "Cannot connect to the Docker daemon" >&2; exit 1')
    done = build(tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("image: error: neither docker, podman nor buildah answers.")
    assert len(done.stderr.splitlines()) == 1


def test_the_first_engine_that_answers_builds(tmp_path: Path):
    script(tmp_path / "docker", "exit 1")
    script(tmp_path / "podman", '[ "$1" = info ] || echo podman "$@"')
    done = build(tmp_path, "--pull", CUDA="0", IMAGE="registry/name:1")
    assert done.returncode == 0, done.stderr
    first = done.stdout.splitlines()[0]
    assert first == "podman build --format docker --tag registry/name:1 --build-arg CUDA=0 --pull ."
