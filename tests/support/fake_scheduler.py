"""Stand-ins for `crontab` and `systemctl`, so that tests never change the schedulers of the machine.

They are small programs that keep what they get in a folder. `crontab` refuses lines that cron would refuse. `systemctl`
knows the commands that the project uses, and only units that were loaded.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

_CRONTAB = """\
#!{python}
import pathlib, re, sys

table = pathlib.Path({folder!r}, "crontab")
if sys.argv[1:] == ["-l"]:
    if not table.exists():
        sys.exit("no crontab for somebody")
    sys.stdout.write(table.read_text())
elif sys.argv[1:] == ["-"]:
    text = sys.stdin.read()
    for line in text.splitlines():
        if line and not line.startswith("#") and not re.match(r"[\\d*]\\S* (\\S+ ){{4}}\\S|\\w+=", line):
            sys.exit(f"bad minute in {{line}}")
    table.write_text(text)
else:
    sys.exit(f"unknown arguments {{sys.argv[1:]}}")
"""

_SYSTEMCTL = """\
#!{python}
import os, pathlib, sys

folder = pathlib.Path({folder!r})
units = pathlib.Path(os.environ["XDG_CONFIG_HOME"], "systemd", "user")
user, command, *rest = sys.argv[1:]
assert user == "--user", sys.argv
with (folder / "calls").open("a") as calls:
    print(command, *rest, file=calls)
active = folder / "active"
names = set(active.read_text().split()) if active.exists() else set()
if command == "show-environment":
    sys.exit(not (folder / "manager").exists())
elif command == "daemon-reload":
    (folder / "loaded").write_text("\\n".join(os.listdir(units)))
elif command in ("enable", "restart", "disable"):
    unit = rest[-1]
    if unit not in (folder / "loaded").read_text().split():
        sys.exit(f"Unit {{unit}} not found.")
    if command == "restart":
        names.add(unit)
    elif command == "disable":
        assert "--now" in rest
        names.discard(unit)
elif command == "is-active":
    sys.exit(3 * (rest[0] not in names))
else:
    sys.exit(f"Unknown command verb {{command}}.")
active.write_text("\\n".join(sorted(names)))
"""


class FakeScheduler:
    """The folder of the stand-ins. PATH has them and nothing else."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        programs = folder / "bin"
        programs.mkdir(parents=True)
        for name, text in (("crontab", _CRONTAB), ("systemctl", _SYSTEMCTL)):
            path = programs / name
            path.write_text(text.format(python=sys.executable, folder=str(folder)))
            path.chmod(0o755)
        monkeypatch.setenv("PATH", str(programs))
        monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "config"))

    def start_systemd(self) -> None:
        """Makes the systemd manager of the user answer. Without it, there is only cron."""
        (self.folder / "manager").touch()

    @property
    def crontab(self) -> list[str]:
        """The lines of the crontab."""
        path = self.folder / "crontab"
        return path.read_text().splitlines() if path.exists() else []

    @crontab.setter
    def crontab(self, lines: list[str]) -> None:
        (self.folder / "crontab").write_text("".join(f"{line}\n" for line in lines))

    @property
    def units(self) -> dict[str, str]:
        """Unit files by name."""
        folder = self.folder / "config/systemd/user"
        return {path.name: path.read_text() for path in sorted(folder.glob("*"))}

    @property
    def active(self) -> list[str]:
        """Timers that are active."""
        path = self.folder / "active"
        return path.read_text().split() if path.exists() else []
