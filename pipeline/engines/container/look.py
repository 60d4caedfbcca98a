"""Looks at what lies outside the pipeline, before the cache of the service is asked. The result is an output parameter.

python -m mocogan.pipeline.engines.container.look --what=data|baseline --result=NAME --executor_input JSON
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
from mocogan.components.baseline.pushed_baseline import find_baseline
from mocogan.data.source.folder_contents import FileSystemUnavailable
from mocogan.data.source.listing import read_folder
from mocogan.pipeline.engines.container.code_check import CODE_FLAG, OtherCode, check_code

DATA, BASELINE = "data", "baseline"


def main(arguments: Sequence[str]) -> int:
    """Looks, and writes the result as the service expects it. Returns the exit status."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument(f"--{CODE_FLAG}")
    parser.add_argument("--what", choices=(DATA, BASELINE), required=True)
    parser.add_argument("--result", required=True)
    parser.add_argument("--executor_input", required=True)
    flags = parser.parse_args(arguments)
    executor_input = json.loads(flags.executor_input)
    try:
        if compiled := getattr(flags, CODE_FLAG):
            check_code(compiled)
        found = _LOOKS[flags.what](executor_input["inputs"])
    except (OtherCode, FileSystemUnavailable, OSError) as error:
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
    found = find_baseline(inputs["parameterValues"][SERVING_MODEL_DIR_KEY], path)
    return found.to_text() if found else ""


_LOOKS = {DATA: _fingerprint, BASELINE: _baseline}


def _write(path: str, values: dict[str, str]) -> None:
    fileio.makedirs(posixpath.dirname(path))
    with fileio.open(path, "w") as file:
        file.write(json.dumps({"parameterValues": values}))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
