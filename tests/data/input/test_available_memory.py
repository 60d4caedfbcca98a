from pathlib import Path

import pytest

from mocogan.data.input.available_memory import available_memory

_MIB = 2**20


@pytest.fixture
def system(tmp_path: Path) -> str:
    """A computer with 6 MiB available."""
    file = tmp_path / "meminfo"
    file.write_text("MemTotal:       8192 kB\nMemFree:   1024 kB\nMemAvailable:    6144 kB\n")
    return str(file)


def _container(folder: Path, limit: str) -> str:
    (folder / "memory.max").write_text(f"{limit}\n")
    (folder / "memory.current").write_text(f"{5 * _MIB}\n")
    (folder / "memory.stat").write_text(f"anon 1\ninactive_file {2 * _MIB}\nactive_file 3\n")
    return str(folder)


def test_without_a_container_the_system_says_it(system, tmp_path):
    assert available_memory(system, str(tmp_path / "none")) == 6 * _MIB


@pytest.mark.parametrize(
    ("limit", "mebibytes"), [("max", 6), (100 * _MIB, 6), (7 * _MIB, 4), (2 * _MIB, 0)]
)
def test_a_container_allows_what_its_limit_leaves(system, tmp_path, limit, mebibytes):
    assert available_memory(system, _container(tmp_path, str(limit))) == mebibytes * _MIB


def test_a_system_that_does_not_say_is_taken_to_have_half(tmp_path):
    everything = 2 * available_memory(str(tmp_path / "none"), str(tmp_path))

    assert available_memory() < everything
