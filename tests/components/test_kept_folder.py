from __future__ import annotations

from mocogan.components.kept_folder import kept_folder


def test_all_executions_of_a_node_share_the_folder() -> None:
    first, second = (f"/pipeline/MoCoGanTrainer/checkpoints/{number}" for number in (6, 14))
    assert (
        kept_folder(first, "kept") == kept_folder(second, "kept") == "/pipeline/MoCoGanTrainer/kept"
    )


def test_addresses_stay_addresses() -> None:
    output = "gs://bucket/pipeline/VideoEvaluator/evaluation/8/"
    assert kept_folder(output, "kept") == "gs://bucket/pipeline/VideoEvaluator/kept"
