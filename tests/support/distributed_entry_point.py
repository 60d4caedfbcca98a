"""Runs `run_fn` on the arguments in a JSON file. A program for `test_entry_point.py`.

python distributed_entry_point.py ARGUMENTS
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tfx.components.trainer.fn_args_utils import FnArgs

from mocogan.trainer.entry_point import run_fn

if __name__ == "__main__":
    run_fn(FnArgs(**json.loads(Path(sys.argv[1]).read_text("utf-8"))))
