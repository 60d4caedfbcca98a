"""Looks at what lies outside the pipeline, before the cache of the service is asked. The result is an output parameter.

python -m mocogan.pipeline.engines.container.look --what=data|baseline|start --result=NAME --executor_input JSON
"""

from __future__ import annotations

import argparse
import json
import posixpath
import sys
from collections.abc import Sequence
from typing import Any

from tfx.dsl.io import fileio
from tfx.types.standard_component_specs import INPUT_BASE_KEY
from tfx.utils import path_utils

from mocogan.components.baseline.executor import CANDIDATE_KEY, SERVING_MODEL_DIR_KEY
from mocogan.components.baseline.pushed_baseline import baseline_text, find_baseline
from mocogan.components.warm_start.chosen_start import NoBase
from mocogan.components.warm_start.executor import (
    EXAMPLES_KEY,
    TRAIN_SPLIT,
    TRANSFORM_GRAPH_KEY,
    chosen_start,
)
from mocogan.data.source.folder_contents import FileSystemUnavailable
from mocogan.data.source.listing import read_folder
from mocogan.pipeline.engines.container.code_check import CODE_FLAG, OtherCode, check_code

DATA, BASELINE, START = "data", "baseline", "start"


def main(arguments: Sequence[str]) -> int:
    """Looks, and writes the result as the service expects it. Returns the exit status."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument(f"--{CODE_FLAG}")
    parser.add_argument("--what", choices=(DATA, BASELINE, START), required=True)
    parser.add_argument("--result", required=True)
    parser.add_argument("--executor_input", required=True)
    flags = parser.parse_args(arguments)
    executor_input = json.loads(flags.executor_input)
    try:
        if compiled := getattr(flags, CODE_FLAG):
            check_code(compiled)
        found = _LOOKS[flags.what](executor_input["inputs"])
    except (OtherCode, FileSystemUnavailable, NoBase, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    _write(executor_input["outputs"]["outputFile"], {flags.result: found})
    print(f"{flags.result}: {found or 'none'}")
    return 0


def _fingerprint(inputs: dict[str, Any]) -> str:
    return read_folder(inputs["parameterValues"][INPUT_BASE_KEY]).fingerprint()


def _baseline(inputs: dict[str, Any]) -> str:
    (candidate,) = inputs["artifacts"][CANDIDATE_KEY]["artifacts"]
    path = path_utils.serving_model_path(candidate["uri"])
    return baseline_text(find_baseline(inputs["parameterValues"][SERVING_MODEL_DIR_KEY], path))


def _start(inputs: dict[str, Any]) -> str:
    (examples,) = inputs["artifacts"][EXAMPLES_KEY]["artifacts"]
    (graph,) = inputs["artifacts"][TRANSFORM_GRAPH_KEY]["artifacts"]
    split = posixpath.join(examples["uri"], f"Split-{TRAIN_SPLIT}")
    return chosen_start(split, graph["uri"], inputs["parameterValues"])


_LOOKS = {DATA: _fingerprint, BASELINE: _baseline, START: _start}


def _write(path: str, values: dict[str, str]) -> None:
    fileio.makedirs(posixpath.dirname(path))
    with fileio.open(path, "w") as file:
        file.write(json.dumps({"parameterValues": values}))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
