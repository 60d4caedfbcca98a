from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from mocogan.pipeline.lineage.ancestry import Lineage, ancestry
from mocogan.pipeline.lineage.graph import as_dot, as_mermaid
from mocogan.pipeline.metadata.reader import MetadataReader
from mocogan.pipeline.metadata.sqlite_store import SqliteStore
from tests.support.metadata_store import Recorder
from tests.support.recorded_pipeline import Store

DOT_LINE = re.compile(
    r"  (rankdir=LR|node \[shape=box\]|\w+( -> \w+)?"
    r'( \[label="([^"\\]|\\["\\n])*"(, (style|shape)=\w+)*\])?);'
)
MERMAID_LINE = re.compile(
    r'  (a\d+\["[^"]*"\]|e\d+\(\["[^"]*"\]\)|s\d+\[\("[^"]*"\)\]|style a\d+ stroke-dasharray: 4'
    r'|\w+ -->(\|"[^"]*"\|)? \w+)'
)


@pytest.fixture
def hostile(tmp_path: Path) -> Lineage:
    """A lineage whose names would break a label."""
    recorder = Recorder(tmp_path / "metadata.db")
    examples = recorder.artifact("Examples", '/out/a"]; b\\<script>`x`\n# &lt;')
    recorder.execute("VideoExampleGen", [], {'ex"|]': examples}, input_base='/v/")] --> x')
    reader = MetadataReader(SqliteStore(tmp_path / "metadata.db"))
    return ancestry(reader, reader.artifact(examples))


def test_a_graph_has_an_edge_for_each_input_and_output(store: Store):
    lineage = ancestry(store.reader, store.artifact("pushed_model 2"))
    dot, mermaid = as_dot(lineage, str(store.out)), as_mermaid(lineage, str(store.out))
    edges = len(lineage.links) + 2  # and the source folder of each of the two ingests
    assert dot.count(" -> ") == mermaid.count(" -->") == edges
    evaluator = store.reader.producer(store.artifact("blessing 2"))
    assert evaluator is not None
    baseline = f"a{store.names['model 1']}"
    assert f'{baseline} -> e{evaluator.id} [label="baseline_model"];' in dot
    assert f'{baseline} -->|"baseline_model"| e{evaluator.id}' in mermaid


def test_what_is_gone_is_dashed(store: Store):
    shutil.rmtree(store.artifact("examples 2").uri)
    lineage = ancestry(store.reader, store.artifact("model 2"))
    assert as_dot(lineage, "").count("style=dashed") == 1
    assert as_mermaid(lineage, "").count("stroke-dasharray") == 1
    assert "(gone)" in as_mermaid(lineage, "")


def test_names_cannot_break_a_dot_graph(hostile: Lineage):
    first, *lines, last = as_dot(hostile, "/out").splitlines()
    assert (first, last) == ("digraph lineage {", "}")
    assert [line for line in lines if not DOT_LINE.fullmatch(line)] == []
    assert "&amp;lt;" in "\n".join(lines)  # Graphviz reads entities


def test_names_cannot_break_a_mermaid_graph(hostile: Lineage):
    first, *lines = as_mermaid(hostile, "/out").splitlines()
    assert first == "flowchart LR"
    assert [line for line in lines if not MERMAID_LINE.fullmatch(line)] == []
    assert "<script>" not in "\n".join(lines)
    assert "`" not in "\n".join(lines)
