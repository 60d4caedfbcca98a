"""Which runs use an artifact."""

from __future__ import annotations

from mocogan.pipeline.metadata.runs import Output, Run, RunReader


def candidates(reader: RunReader, run: Run) -> list[Output]:
    """The artifacts that may go with a run: those it wrote, and those of removed runs that it used."""
    referenced = {
        output.id: output
        for node in run.nodes
        for outputs in node.outputs.values()
        for output in outputs
    }
    missing = {i for node in run.nodes for i in node.inputs} - referenced.keys()
    referenced |= {output.id: output for output in reader.outputs(sorted(missing))}
    own = {node.execution for node in run.nodes}
    return [
        output
        for output in referenced.values()
        if (output.live or output.damaged)
        and all(
            execution in own or _is_removed(reader, execution)
            for execution in reader.writers(output.id)
        )
    ]


def artifact_users(reader: RunReader, artifact_id: int, run: Run) -> str:
    """What else uses an artifact, such as "run 5". Empty if nothing does."""
    own = {node.execution for node in run.nodes}
    for execution in reader.executions_with(artifact_id):
        if execution in own:
            continue
        number = reader.run_number(execution)
        if number is None:
            return f"execution {execution}, which is outside of a run"
        if not reader.is_removed(number):
            return f"run {number}"
    return ""


def _is_removed(reader: RunReader, execution: int) -> bool:
    number = reader.run_number(execution)
    return number is not None and reader.is_removed(number)
