"""The check before the cache of the ingest on Vertex AI: TFX's driver with this project's fingerprint of the folder.

TFX's driver sees only the files directly in the data folder, and times in whole seconds. So a replaced file in a class
folder would be missed. Vertex AI runs this module before it looks into its cache, and takes the fingerprint from it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from absl import logging
from tfx.components.example_gen import input_processor
from tfx.orchestration.kubeflow.v2.file_based_example_gen import driver

from mocogan.components.video_example_gen.driver import VideoFolder
from mocogan.data.source.folder_contents import FileSystemUnavailable


def main(arguments: Sequence[str]) -> int:
    """Runs TFX's driver on the folder of videos. Returns the exit status."""
    input_processor.FileBasedInputProcessor = VideoFolder  # TFX's driver makes one of this name
    flags = driver._parse_flags(list(arguments))
    flags.json_serialized_invocation_args = _without_pages(flags.json_serialized_invocation_args)
    try:
        driver.main(flags)
    except (FileSystemUnavailable, OSError) as error:
        logging.error("%s", error)
        return 1
    return 0


def _without_pages(executor_input: str) -> str:
    """Leaves out outputs that are no artifacts of TFX, which TFX's driver cannot read."""
    parsed = json.loads(executor_input)
    artifacts = parsed["outputs"]["artifacts"]
    parsed["outputs"]["artifacts"] = {
        name: value
        for name, value in artifacts.items()
        if value["artifacts"][0].get("type", {}).get("schemaTitle") != _HTML
    }
    return json.dumps(parsed)


_HTML = "system.HTML"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
