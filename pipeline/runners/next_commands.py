"""The commands that users want after a run."""

from __future__ import annotations

import shlex

from mocogan.pipeline.config.settings import Config


def next_command_rows(config: Config, pushed: bool) -> list[tuple[str, str]]:
    """Rows of the summary with commands for the model of the newest run. Without a push it is not evaluated again."""
    out, versions = shlex.quote(config.out), shlex.quote(config.serving_model_dir)
    commands = [f"mocogan report {out}"]
    commands.append(f"mocogan generate {out}" if pushed else f"mocogan generate {out} --force")
    if pushed:
        commands.append(f"mocogan evaluate {versions} --data {shlex.quote(config.data)}")
    commands.append("mocogan lineage" + ("" if pushed else " Model") + f" --out {out}")
    return [("next" if number == 0 else "", command) for number, command in enumerate(commands)]
