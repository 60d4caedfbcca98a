"""What the first notebook shows: pages, clips, and samples while a training runs."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import numpy as np
import pytest

from mocogan.data.encoding.gif import encode_gif
from mocogan_notebook.commands import run
from mocogan_notebook.views import live_samples, newest, show_clips, show_page
from tests.support.ipython import displayed

pytestmark = pytest.mark.usefixtures("shell")


@pytest.fixture
def picture() -> bytes:
    return encode_gif(np.zeros((2, 8, 8, 3), np.uint8))


def test_a_page_is_shown_in_a_frame(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text('<p title="a">&amp;</p>', encoding="utf-8")
    with displayed() as outputs:
        show_page(tmp_path / "page.html", height=90)
    frame = 'srcdoc="&lt;p title=&quot;a&quot;&gt;&amp;amp;&lt;/p&gt;" width="100%" height="90"'
    assert frame in outputs[0].data["text/html"]


def test_generated_clips_are_shown_with_seeds_and_class(tmp_path: Path, picture: bytes) -> None:
    files = [
        {"file": "a.gif", "seeds": [3], "labels": [None]},
        {"file": "b.gif", "seeds": [0, 1, 2], "labels": ["wave", "wave", "wave"]},
        {"file": "c.gif", "seeds": [0, 1], "labels": ["walk", "wave"]},
    ]
    (tmp_path / "generated.json").write_text(json.dumps({"files": files}), encoding="utf-8")
    for file in files:
        (tmp_path / str(file["file"])).write_bytes(picture)
    with displayed() as outputs:
        show_clips(tmp_path)
    captions = [output.data["text/markdown"] for output in outputs[::2]]
    assert captions == ["seed 3", "seeds 0 to 2, class wave", "seeds 0 to 1"]
    assert [base64.b64decode(o.data["image/gif"]) for o in outputs[1::2]] == [picture] * 3


def test_the_newest_samples_of_a_running_training_are_shown(tmp_path: Path, picture: bytes) -> None:
    samples = tmp_path / "logs/a/samples"
    samples.mkdir(parents=True)
    (tmp_path / "new.gif").write_bytes(picture)
    (samples / "step-000900.gif").write_bytes(b"of an earlier training")
    with displayed() as outputs, live_samples(tmp_path / "logs"):
        run(["cp", str(tmp_path / "new.gif"), str(samples / "step-000100.gif")])
    text, shown = [output.data for output in outputs if output.update]
    assert text["text/markdown"].startswith("Samples after step 100,")
    assert base64.b64decode(shown["image/gif"]) == picture


def test_the_newest_result_is_the_one_that_changed_last(tmp_path: Path) -> None:
    for number, seconds in (("9", 100), ("10", 200), ("8", 50)):
        (tmp_path / number).mkdir()
        (tmp_path / number / "report.html").touch()
        os.utime(tmp_path / number / "report.html", (seconds, seconds))
    assert newest(f"{tmp_path}/*/report.html").parent.name == "10"
    with pytest.raises(FileNotFoundError, match=r"there is no .*/a/report\.html"):
        newest(f"{tmp_path}/a/report.html")
