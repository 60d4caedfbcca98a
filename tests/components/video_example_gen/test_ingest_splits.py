from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.ingests import CONFIG, ids_of, run_ingest


def test_splits_and_groups_of_a_manifest_are_kept(tmp_path: Path, make_mp4):
    folder = tmp_path / "videos"
    for number in range(6):
        make_mp4(folder / f"{number}.mp4", num_frames=4, seed=number)
    rows = ["0,train,", "1,val,", "2,val,a", "3,,a", "4,test,", "5,train,b"]
    lines = [f"{row.partition(',')[0]}.mp4,{row.partition(',')[2]}" for row in rows]
    (folder / "labels.csv").write_text("file,split,group\n" + "\n".join(lines))

    report = run_ingest(folder, tmp_path / "out")

    assert ids_of(tmp_path / "out") == {
        "train": {b"0.mp4", b"5.mp4"},
        "eval": {b"1.mp4", b"2.mp4", b"3.mp4"},
    }
    assert report["splits"]["eval"] == {"videos": 3, "clips": 3}
    assert report["notes"][0].startswith("the test split (1 video) is left out")


@pytest.mark.parametrize("eval_fraction", [0.05, 0.5, 0.95])
def test_a_group_never_spans_splits(tmp_path: Path, make_mp4, eval_fraction: float):
    folder = tmp_path / "UCF-101"
    for group in range(4):
        for cut in range(3):
            name = f"v_Archery_g{group:02d}_c{cut:02d}.mp4"
            make_mp4(folder / "Archery" / name, num_frames=4, seed=3 * group + cut)

    report = run_ingest(
        folder, tmp_path / "out", CONFIG.model_copy(update={"eval_fraction": eval_fraction})
    )

    assert report["dataset"] == "UCF101, 1 classes, no official list"
    groups = {
        split: {video_id.rpartition(b"_c")[0] for video_id in ids}
        for split, ids in ids_of(tmp_path / "out").items()
    }
    assert groups["train"]
    assert groups["eval"]
    assert not groups["train"] & groups["eval"]
