"""TensorBoard itself shows what the training wrote."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from tensorboard.plugins.scalar.summary_v2 import scalar_pb

from mocogan.trainer.config import TrainerConfig
from mocogan.trainer.log import scalars
from mocogan.trainer.log.event_file import EventFile, gif_summary
from mocogan.trainer.log.options import start_summaries
from mocogan.trainer.log.sample_files import encode_grid
from tests.support.waiting import wait_until

RUN, SAMPLES, DISTANCE = "demo-videos-0123", "1 samples/generated", "2 metrics/sample_distance"
CLIPS = np.random.default_rng(0).integers(256, size=(4, 4, 8, 8, 3), dtype=np.uint8)
GRID = encode_grid(CLIPS, None)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a TensorBoard that shows a log."""
    folder = tmp_path_factory.mktemp("tensorboard")
    file = EventFile(str(folder / RUN))
    file.restart(1)
    file.write(0, *start_summaries(TrainerConfig(), RUN))
    file.write(0, gif_summary(SAMPLES, *GRID, description="Clips."))
    for step in (5, 10):
        description = scalars.DESCRIPTIONS["metrics/sample_distance"]
        file.write(step, scalar_pb(DISTANCE, 50.0 / step, description))
    file.close()
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(folder)]
    said = folder / "said"
    with said.open("w") as output:
        process = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", "0"],
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            wait_until(lambda: re.search(r"http://127\.0\.0\.1:\d+/", said.read_text()), process)
            found = re.search(r"http://127\.0\.0\.1:\d+/", said.read_text())
            assert found
            wait_until(lambda: RUN in _json(f"{found[0]}data/plugin/images/tags"), process)
            yield found[0]
        finally:
            process.kill()
            process.wait()


def _get(url: str) -> tuple[str, bytes]:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.headers["Content-Type"], answer.read()


def _json(url: str) -> Any:
    return json.loads(_get(url)[1])


def test_it_serves_the_animated_samples(address: str) -> None:
    tags = _json(f"{address}data/plugin/images/tags")
    assert tags[RUN][SAMPLES]["samples"] == 1
    query = urllib.parse.urlencode({"run": RUN, "tag": SAMPLES, "sample": 0})
    (image,) = _json(f"{address}data/plugin/images/images?{query}")
    assert image["step"] == 0
    kind, content = _get(f"{address}data/plugin/images/individualImage?{image['query']}")
    assert (kind, content) == ("image/gif", GRID.gif)


def test_it_serves_the_curve_with_its_description(address: str) -> None:
    tags = _json(f"{address}data/plugin/scalars/tags")
    assert "in gray levels" in tags[RUN][DISTANCE]["description"]
    query = urllib.parse.urlencode({"run": RUN, "tag": DISTANCE})
    curve = _json(f"{address}data/plugin/scalars/scalars?{query}")
    assert [(step, value) for _, step, value in curve] == [(5, 10.0), (10, 5.0)]


def test_it_compares_the_options(address: str) -> None:
    experiment = _json(f"{address}data/plugin/hparams/experiment?request=%7B%7D")
    assert "run.batch_size" in {info["name"] for info in experiment["hparamInfos"]}
