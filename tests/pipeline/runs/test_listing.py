from __future__ import annotations

import json
from pathlib import Path

from mocogan.pipeline.metadata.runs import RunReader
from mocogan.pipeline.runners.run_process import RUN_FILE, read_run_process, write_run_process
from mocogan.pipeline.runs.listing import run_json, runs_table
from tests.support.run_folders import CACHED, FAILED, FIRST, KILLED


def test_each_run_is_a_row_and_a_failure_has_its_cause_below(out: Path, reader: RunReader):
    lines = runs_table(reader.newest(), out).splitlines()
    head, rows = lines[0], {line.split()[0]: line for line in lines[1:] if line[:5].strip()}
    assert head.split() == [
        *("run", "name", "state", "started", "took", "nodes", "steps", "clip_distance"),
        *("content_consistency", "verdict", "pushed", "size"),
    ]
    first = rows[str(FIRST)]
    assert "first" in first
    assert "2026-01-01 00:00" in first
    assert "11 ran" in first
    assert "1,000" in first
    assert "2 (1.8 to 2.2)" in first
    assert " blessed" in first
    assert "11 cached" in rows[str(CACHED)]
    assert "not blessed" in rows[str(CACHED)]
    assert "MoCoGanTrainer failed" in rows[str(FAILED)]
    assert "     weights contain NaN or Inf after step 120" in lines
    assert "MoCoGanTrainer killed" in rows[str(KILLED)]
    assert "     killed: its process has ended without a word" in lines


def test_columns_without_content_are_left_out(out: Path, reader: RunReader):
    head = runs_table([reader.find(str(FAILED))], out).splitlines()[0]
    assert head.split() == ["run", "state", "started", "took", "nodes", "size"]


def test_a_name_cannot_break_the_table(out: Path, reader: RunReader):
    folder = reader.find(str(FIRST)).folder
    assert folder is not None
    process = read_run_process(folder)
    assert process is not None
    write_run_process(folder, process._replace(name="a\nb\x1b[31m"))
    table = runs_table([RunReader(out).find(str(FIRST))], out)
    assert "a\\nb\\x1b[31m" in table
    assert len(table.splitlines()) == 2


def test_a_run_on_another_host_is_said_to_be_unknown(out: Path, reader: RunReader):
    folder = reader.find(str(KILLED)).folder
    assert folder is not None
    process = read_run_process(folder)
    assert process is not None
    write_run_process(folder, process._replace(host="elsewhere"))
    lines = runs_table([RunReader(out).find(str(KILLED))], out).splitlines()
    assert "running on elsewhere?" in lines[1]
    assert "this host cannot tell" in lines[2]
    (folder / RUN_FILE).unlink()


def test_json_has_all_and_can_be_read(out: Path, reader: RunReader):
    run = json.loads(json.dumps(run_json(reader.find(str(FIRST)), out)))
    assert (run["run"], run["name"], run["state"], run["steps"]) == (1, "first", "done", 1000)
    assert run["metrics"]["clip_distance"] == {"value": 2.0, "low": 1.8, "high": 2.2, "real": 0.5}
    nodes = {node["node"]: node for node in run["nodes"]}
    assert nodes["MoCoGanTrainer"]["state"] == "ran"
    assert Path(nodes["MoCoGanTrainer"]["artifacts"]["model"][0]["uri"]).is_dir()
    assert run["bytes"] > 1000
