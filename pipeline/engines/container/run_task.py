"""Runs a component in a container: TFX's entry point, after a check of the code, with parameters of the run and pages.

python -m mocogan.pipeline.engines.container.run_task [--compiled_code=...] [--html_page=...] ARGUMENTS OF TFX
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from tfx.dsl.io import fileio
from tfx.orchestration.kubeflow.v2.container import kubeflow_v2_run_executor

from mocogan.pipeline.engines.container.code_check import CODE_FLAG, OtherCode, check_code
from mocogan.pipeline.engines.container.html_pages import (
    PAGE_FLAG,
    HtmlPage,
    copy_pages,
    parse_pages,
)
from mocogan.pipeline.engines.container.run_length import with_run_length
from mocogan.pipeline.engines.container.worker import own_outputs
from mocogan.trainer.runtime.device import device_line

_INVOCATION = "json_serialized_invocation_args"  # TFX's flag with the ExecutorInput


def main(arguments: Sequence[str]) -> int:
    """Runs a task. Returns the exit status. Errors of the component are raised, for the log of the service."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument(f"--{CODE_FLAG}")
    parser.add_argument(f"--{PAGE_FLAG}", action="append", default=[])
    parser.add_argument(f"--{_INVOCATION}", required=True)
    own, others = parser.parse_known_args(arguments)
    try:
        if compiled := getattr(own, CODE_FLAG):
            check_code(compiled)
    except OtherCode as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(device_line(), flush=True)
    run_task(json.loads(getattr(own, _INVOCATION)), parse_pages(getattr(own, PAGE_FLAG)), others)
    return 0


def run_task(
    executor_input: dict[str, Any], pages: Sequence[HtmlPage], others: Sequence[str]
) -> None:
    """Runs the executor, then copies the pages.

    Args:
        executor_input: The `ExecutorInput` of the service, as JSON.
        pages: Outputs that TFX does not know, because they are no artifacts of TFX.
        others: The other arguments of TFX's entry point.
    """
    inputs = executor_input.setdefault("inputs", {})
    if "parameterValues" in inputs:
        inputs["parameterValues"] = with_run_length(inputs["parameterValues"])
    with own_outputs(executor_input["outputs"]) as outputs:
        artifacts = dict(outputs.get("artifacts", {}))
        outputs["artifacts"] = {
            name: value for name, value in artifacts.items() if name not in {p.name for p in pages}
        }
        flags = [f"--{_INVOCATION}", json.dumps({**executor_input, "outputs": outputs}), *others]
        kubeflow_v2_run_executor.main(kubeflow_v2_run_executor._parse_flags(flags))
        if pages:
            _add_to_output(outputs["outputFile"], copy_pages(pages, artifacts))


def _add_to_output(path: str, artifacts: dict[str, Any]) -> None:
    """Adds artifacts to the `ExecutorOutput` that TFX wrote."""
    with fileio.open(path, "r") as file:
        output = json.loads(file.read())
    output.setdefault("artifacts", {}).update(artifacts)
    with fileio.open(path, "w") as file:
        file.write(json.dumps(output, indent=2))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
