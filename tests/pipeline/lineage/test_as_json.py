from __future__ import annotations

import json
import shutil
from typing import Any

from mocogan.pipeline.lineage.ancestry import ancestry, descendants
from mocogan.pipeline.lineage.formats import write_lineage
from tests.support.recorded_pipeline import SECOND, Store


def lineage_of(store: Store, name: str, down: bool = False, videos: bool = False) -> Any:
    trace = descendants if down else ancestry
    traced = trace(store.reader, store.artifact(name))
    return json.loads(write_lineage(store.reader, traced, "json", str(store.out), videos))


def node_of(content: Any, node: str) -> Any:
    return [fields for fields in content["executions"] if fields["node"] == node][-1]


def test_executions_name_run_code_parameters_and_roles(store: Store):
    content = lineage_of(store, "pushed_model 2")
    trainer = node_of(content, "MoCoGanTrainer")
    assert trainer["run"] == SECOND
    assert trainer["code_fingerprint"] == "code 2"
    assert trainer["configuration"] == str(store.out / "runs/2026-11-30T11-00-00/config.yaml")
    assert trainer["parameters"]["custom_config"]["trainer_config"]["run"] == {"batch_size": 16}
    evaluator = node_of(content, "VideoEvaluator")
    assert evaluator["inputs"] == [
        {"role": "model", "artifact": store.names["model 2"]},
        {"role": "baseline_model", "artifact": store.names["model 1"]},
    ]


def test_source_videos_are_counted_and_listed_if_asked(store: Store):
    source = node_of(lineage_of(store, "examples 2"), "VideoExampleGen")["source"]
    assert (source["videos_accepted"], source["videos_rejected"]) == (2, 1)
    assert source["fingerprint"] == "fingerprint 2"
    assert "videos" not in source
    listed = node_of(lineage_of(store, "examples 2", videos=True), "VideoExampleGen")["source"]
    assert [video["video_id"] for video in listed["videos"]] == ["a.mp4", "b.mp4", "c.mp4"]


def test_what_is_gone_is_marked(store: Store):
    shutil.rmtree(store.artifact("examples 2").uri)
    gone = {found["id"]: found["gone"] for found in lineage_of(store, "model 2")["artifacts"]}
    assert gone == {store.names["examples 2"]: True, store.names["model 2"]: False}


def test_down_leads_forward(store: Store):
    content = lineage_of(store, "model 1", down=True)
    assert content["direction"] == "down"
    nodes = [fields["node"] for fields in content["executions"]]
    assert nodes == ["VideoEvaluator", "Pusher", "VideoEvaluator", "Pusher"]
