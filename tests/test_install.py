"""The set-up: what the locks hold, what Python says at its start, and what `make install` says when it cannot."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
LOCKS = sorted((ROOT / "locks").glob("*.txt"))
PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;]+)(?P<rest>.*)$", re.MULTILINE)


def pins(lock: Path) -> dict[str, str]:
    """Canonical name -> version."""
    return {canonicalize_name(m["name"]): m["version"] for m in PINNED.finditer(lock.read_text())}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_a_lock_pins_everything_with_hashes_and_names_no_registry(lock: Path):
    text = lock.read_text()
    assert not re.search(r"://|--(extra-)?index|--find-links", text)
    entries = re.split(r"^(?=[A-Za-z0-9])", re.sub(r"^\s*#.*\n?", "", text, flags=re.M), flags=re.M)
    entries = [entry for entry in entries if entry.strip()]
    assert entries
    for entry in entries:
        assert PINNED.match(entry), entry
        assert "--hash=sha256:" in entry, entry


@pytest.mark.parametrize("python", ["3.10", "3.13"])
def test_a_lock_agrees_with_the_requirements(python: str):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    locked = pins(ROOT / "locks" / f"py{python.replace('.', '')}.txt")
    for line in project["dependencies"] + project["optional-dependencies"]["dev"]:
        wanted = Requirement(line)
        if wanted.marker is None or wanted.marker.evaluate({"python_version": python}):
            version = locked.get(canonicalize_name(wanted.name))
            assert version is not None, f"{line} is not locked: make lock"
            assert wanted.specifier.contains(version, prereleases=True), f"{line}: {version} locked"


@pytest.mark.parametrize("stack", ["py310", "py313"])
def test_the_lock_of_cuda_has_only_packages_that_the_stack_lacks(stack: str):
    cuda, others = (pins(ROOT / "locks" / f"{name}.txt") for name in (f"{stack}-cuda", stack))
    assert "nvidia-cudnn-cu12" in cuda
    assert not set(cuda) & set(others)


def start_python(folder: Path, code: str, **variables: str) -> str:
    """What a Python prints whose site-packages is `folder`, which holds the start-up file."""
    (folder / "start.pth").write_bytes((ROOT / "scripts/mocogan_start.pth").read_bytes())
    environment = {"PATH": os.environ["PATH"], **variables}
    start = f"import site; site.addsitedir({str(folder)!r})\n{code}"
    done = subprocess.run(
        [sys.executable, "-S", "-c", start],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout + done.stderr


# Warns as libraries do, and then as someone else.
WARNINGS = """
import os, warnings
print(os.environ.get("TF_CPP_MIN_LOG_LEVEL"))
for module, kind in (
    ("google.api_core._python_version_support", FutureWarning),
    ("tensorboard.default", UserWarning),
    ("someone.else", FutureWarning),
):
    warnings.warn_explicit(f"from {module}", kind, "a.py", 1, module=module)
"""


def test_library_noise_is_silenced_and_nothing_else(tmp_path: Path):
    output = start_python(tmp_path, WARNINGS)
    assert output.startswith("3\n")
    assert "from someone.else" in output
    assert "from google" not in output
    assert "from tensorboard" not in output


def test_the_noise_comes_back_on_request(tmp_path: Path):
    output = start_python(tmp_path, WARNINGS, MOCOGAN_VERBOSE="1")
    assert output.startswith("None\n")
    assert "from google" in output
    assert "from tensorboard" in output


def test_a_log_level_of_the_users_own_stays(tmp_path: Path):
    assert start_python(tmp_path, WARNINGS, TF_CPP_MIN_LOG_LEVEL="0").startswith("0\n")


def test_tensorflow_is_told_to_compute_with_onednn(tmp_path: Path):
    shown = 'import os; print(os.environ["TF_ENABLE_ONEDNN_OPTS"])'
    assert start_python(tmp_path, shown) == "1\n"
    assert start_python(tmp_path, shown, MOCOGAN_VERBOSE="1") == "1\n"
    assert start_python(tmp_path, shown, TF_ENABLE_ONEDNN_OPTS="0") == "0\n"


def install(root: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs the installer of a copy of the project in `root`, so that this one's .venv is safe."""
    for name in ("scripts/install.sh", "scripts/mocogan_start.pth", "pyproject.toml"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes((ROOT / name).read_bytes())
    if not (root / "locks").exists():
        (root / "locks").symlink_to(ROOT / "locks")
    return subprocess.run(
        ["bash", str(root / "scripts/install.sh"), *arguments],
        env={"PATH": "/usr/bin:/bin", "HOME": str(root), **variables},
        capture_output=True,
        text=True,
    )


def executable(path: Path, text: str) -> None:
    """Writes a shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_an_unknown_stack_is_refused(tmp_path: Path):
    executable(tmp_path / "bin/uv", "echo uv 99.0.0")
    done = install(tmp_path, PATH=f"{tmp_path}/bin:/usr/bin:/bin", STACK="py27")
    assert done.returncode == 1
    assert done.stderr == "install: error: STACK=py27 must be py310 or py313\n"


def test_a_wrong_cuda_is_refused(tmp_path: Path):
    done = install(tmp_path, CUDA="/usr/local/cuda")
    assert done.returncode == 1
    assert done.stderr == "install: error: CUDA=/usr/local/cuda must be 0 or 1\n"


def test_uv_comes_from_pip_where_python_has_no_venv(tmp_path: Path):
    executable(
        tmp_path / "bin/python3",
        """case "$*" in
"-m venv .tools") mkdir -p .tools/bin; echo no ensurepip; exit 1 ;;
"-m pip --version") ;;
"-m pip install --target .tools "*"--require-hashes -r locks/uv.txt")
    mkdir -p .tools && mkdir .tools/bin || exit 1 # pip keeps a folder that exists
    printf '#!/bin/sh\necho uv 99.0.0\n' > .tools/bin/uv; chmod +x .tools/bin/uv ;;
*) exit 1 ;;
esac""",
    )
    done = install(tmp_path, PATH=f"{tmp_path}/bin:/usr/bin:/bin", STACK="py27")
    assert done.stderr == "install: error: STACK=py27 must be py310 or py313\n"  # uv was found
    assert (tmp_path / ".tools/bin/uv").exists()


def test_options_of_uv_for_another_python_are_not_used(tmp_path: Path):
    executable(
        tmp_path / "bin/uv",
        f'[ "$1" = --version ] && echo uv 99.0.0; env > {tmp_path}/seen',
    )
    settings = {f"UV_{name}": "/missing" for name in ("CONSTRAINT", "BUILD_CONSTRAINT")}
    path = f"{tmp_path}/bin:/usr/bin:/bin"
    install(tmp_path, PATH=path, STACK="py27", UV_SYSTEM_PYTHON="1", UV_INDEX="kept", **settings)
    seen = (tmp_path / "seen").read_text()
    assert re.findall("^UV_.*", seen, re.MULTILINE) == ["UV_INDEX=kept"]


def installed(root: Path, **variables: str) -> list[str]:
    """Files that the installer gives to uv, which is a stand-in that installs nothing."""
    log = root / "uv.log"
    log.unlink(missing_ok=True)
    executable(
        root / "bin/uv",
        f"""echo "$@" >> {log}
[ "$1" = --version ] && echo uv 99.0.0
[ "$1" = venv ] && mkdir -p {root}/.venv/bin && ln -sf {sys.executable} {root}/.venv/bin/python
exit 0""",
    )
    python = Path(sys.executable).resolve()
    stack = f"py{sys.version_info[0]}{sys.version_info[1]}"
    path = f"{root}/bin:{python.parent}:/usr/bin:/bin"
    done = install(root, "--packages-only", PATH=path, STACK=stack, **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    return re.findall(r"locks/py\S*", log.read_text()) if log.exists() else []


def test_cuda_stays_until_it_is_taken_away(tmp_path: Path):
    plain = f"locks/py{sys.version_info[0]}{sys.version_info[1]}.txt"
    cuda = plain.replace(".txt", "-cuda.txt")
    assert installed(tmp_path) == [plain]
    assert installed(tmp_path) == []  # up to date
    assert installed(tmp_path, CUDA="1") == [plain, cuda]
    assert installed(tmp_path) == []
    assert installed(tmp_path, CUDA="0") == [plain]


def test_without_any_python_one_sentence_says_what_to_do(tmp_path: Path):
    executable(tmp_path / "bin/uv", '[ "$1" = --version ] && echo uv 99.0.0')
    executable(tmp_path / "bin/python3.10", "exit 127")  # as pyenv's shims do
    path = f"{tmp_path}/bin:/usr/bin:/bin"
    done = install(tmp_path, PATH=path, STACK="py310", PYENV_ROOT=str(tmp_path))
    if "with /usr/bin/python3.10" in done.stdout:
        pytest.skip("this machine has a Python 3.10 of its own in /usr/bin")
    assert done.returncode == 1
    assert "Python 3.10 is not installed and uv could not download it" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / ".venv").exists()
