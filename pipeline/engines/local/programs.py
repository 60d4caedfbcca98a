"""Runs the programs that start scheduled runs: `systemctl` and `crontab`."""

from __future__ import annotations

import shutil
import subprocess

from mocogan.pipeline.engines.local.definition import CRON, SYSTEMD
from mocogan.pipeline.errors import ExpectedError

_SECONDS = 60  # systemctl waits for the user's manager


class NoScheduler(ExpectedError):
    """This machine has no scheduler that can be used, or the scheduler refuses."""


def available() -> str:
    """SYSTEMD if this user has a running systemd manager, else CRON. Raises NoScheduler."""
    if shutil.which("systemctl") and run("systemctl", "--user", "show-environment").returncode == 0:
        return SYSTEMD
    if shutil.which("crontab"):
        return CRON
    raise NoScheduler(
        "no scheduler: systemd has no manager for this user (systemctl --user), and there is no crontab. "
        "Install cron, or start a user session"
    )


def run(*command: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    """Runs a program with `text` as its input. Raises NoScheduler if it cannot be started or does not end."""
    try:
        return subprocess.run(
            command, input=text, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoScheduler(f"cannot run {command[0]}: {error}") from None


def run_checked(*command: str, text: str | None = None) -> str:
    """Runs a program and returns what it prints. Raises NoScheduler if it fails."""
    done = run(*command, text=text)
    if done.returncode:
        reason = " ".join((done.stderr or done.stdout).split()) or f"status {done.returncode}"
        raise NoScheduler(f"{' '.join(command)} failed: {reason}")
    return done.stdout
