"""`%mocogan` in a real IPython, with a small project whose programs are shell scripts."""

from __future__ import annotations

from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from jupyter_client.manager import start_new_kernel

from mocogan_notebook.commands import CommandFailed, install, looking, program, run
from tests.support.waiting import HANG_SECONDS

ROOT = Path(__file__).parents[2]
# A cell with a command that works until it is interrupted.
LONG_CELL = f"""\
import sys
sys.path.insert(0, {str(ROOT / "notebooks")!r})
from mocogan_notebook.commands import run
run(["sh", "-c", "trap 'echo saved; exit 130' INT; echo started; while :; do sleep 0.1; done"])
"""


def test_a_command_runs_in_the_environment_of_the_project(
    shell: InteractiveShell,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PYTHONPATH", "of-the-kernel")
    install(project)
    shell.push({"clips": "my clips"})
    shell.run_cell('%mocogan ingest "{clips}" --out {1 + 1}').raise_error()
    assert capsys.readouterr().out.splitlines() == ["installing", "<ingest><my clips><--out><2>"]


def test_a_failed_command_stops_the_notebook_with_one_line(
    shell: InteractiveShell, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    install(project)
    (project.parent / "status").write_text("1", encoding="utf-8")
    done = shell.run_cell("%mocogan runs\nprint('after')")
    assert isinstance(done.error_in_exec, CommandFailed)
    printed = capsys.readouterr()
    lines = (printed.out + printed.err).splitlines()
    assert lines[1:] == ["<runs>", "error: mocogan runs ended with status 1. See the lines above"]


def test_a_model_that_is_not_blessed_is_no_failure(shell: InteractiveShell, project: Path) -> None:
    install(project)
    (project.parent / "status").write_text("3", encoding="utf-8")
    shell.run_cell("%mocogan evaluate model").raise_error()


def test_without_the_environment_the_message_says_what_to_do(project: Path) -> None:
    with pytest.raises(CommandFailed, match=r"no environment is installed\. Run the first cells"):
        program("mocogan")


def test_cuda_is_installed_on_request(
    shell: InteractiveShell, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    install(project, cuda=True)
    assert capsys.readouterr().out == "installing 1\n"


def test_something_is_looked_at_while_a_command_runs_and_after_it(project: Path) -> None:
    looks = []
    with looking(lambda: looks.append(1)):
        run(["echo", "x"])
        assert looks == [1]
    assert looks == [1, 1]


@pytest.mark.exhaustive
def test_the_stop_button_interrupts_the_command_and_shows_its_last_lines() -> None:
    manager, client = start_new_kernel(kernel_name="python3")
    printed, errors, state = "", [], ""
    try:
        client.execute(LONG_CELL)
        while state != "idle" or not errors:
            message = client.get_iopub_msg(timeout=HANG_SECONDS)
            content = message["content"]
            state = content.get("execution_state", state)
            if message["msg_type"] == "stream":
                printed += content["text"]
                if content["text"] == "started\n":
                    manager.interrupt_kernel()
            elif message["msg_type"] == "error":
                errors.append(content["ename"])
    finally:
        manager.shutdown_kernel(now=True)
        client.stop_channels()
    assert printed == "started\nsaved\n"
    assert errors == ["KeyboardInterrupt"]
