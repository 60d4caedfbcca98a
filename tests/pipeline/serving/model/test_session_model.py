"""Models that cannot be loaded are told apart from faults of the server."""

from __future__ import annotations

from pathlib import Path

import pytest

from mocogan.pipeline.serving.model.session_model import SessionModel


@pytest.mark.parametrize("tags", [[], ["train"]])
def test_a_model_without_a_graph_for_serving_is_refused(tags: list[str], tmp_path: Path) -> None:
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    content = SavedModel(saved_model_schema_version=1)
    content.meta_graphs.add().meta_info_def.tags.extend(tags)
    (tmp_path / "saved_model.pb").write_bytes(content.SerializeToString())
    with pytest.raises(ValueError, match="it has no graph with the tag 'serve'"):
        SessionModel(str(tmp_path))
