import json

from tests.support.data_sets import about, listed, write

ONE, TWO, GONE = "-3B32lodo2M", "abc_DEF-123", "zzzzzzzzzzz"


def _csv(split: str, *rows: tuple[str, str, int]) -> str:
    lines = [f"{label},{name},{start},{start + 10},{split},0" for label, name, start in rows]
    return "\n".join(["label,youtube_id,time_start,time_end,split,is_cc", *lines])


def test_csv_lists_give_classes_and_splits_and_missing_files_are_counted(tmp_path):
    files = {
        f"train/air_drumming/{ONE}_000010_000020.mp4": "",
        f"train/air_drumming/{TWO}_000007_000017.mp4": "",
        f"val/abseiling/{TWO[::-1]}_000000_000010.mp4": "",
        "annotations/train.csv": _csv(
            "train",
            ("air drumming", ONE, 10),
            ("air drumming", TWO, 7),
            ("air drumming", GONE, 7),
        ),
        "annotations/val.csv": _csv("val", ("abseiling", TWO[::-1], 0)),
    }

    listing = listed(write(tmp_path, files))

    assert about(listing) == {
        f"train/air_drumming/{ONE}_000010_000020.mp4": (
            "air drumming",
            "",
            "train",
            f"youtube {ONE}",
        ),
        f"train/air_drumming/{TWO}_000007_000017.mp4": (
            "air drumming",
            "",
            "train",
            f"youtube {TWO}",
        ),
        f"val/abseiling/{TWO[::-1]}_000000_000010.mp4": (
            "abseiling",
            "",
            "eval",
            f"youtube {TWO[::-1]}",
        ),
    }
    assert listing.dataset == "Kinetics, 2 classes, 2 lists"
    assert "1 of 4 listed videos are not here" in listing.notes
    assert listing.rejected == []


def test_json_lists_and_files_named_by_id_alone(tmp_path):
    entry = {"annotations": {"label": "abseiling", "segment": [10.0, 20.0]}, "subset": "train"}
    files = {
        f"videos/{ONE}.mp4": "",
        "kinetics_train.json": json.dumps({ONE: entry, GONE: entry}),
    }

    listing = listed(write(tmp_path, files))

    assert about(listing) == {f"videos/{ONE}.mp4": ("abseiling", "", "", f"youtube {ONE}")}
    assert "1 of 2 listed videos are not here" in listing.notes


def test_without_lists_folders_give_classes_and_splits_and_cuts_of_a_film_stay_together(tmp_path):
    names = [
        f"{split}/{action}/{name}_0000{number}0_0000{number + 1}0.mp4"
        for number, (split, action, name) in enumerate(
            [
                ("train", "abseiling", ONE),
                ("train", "bowling", TWO),
                ("val", "abseiling", TWO),
                ("val", "bowling", GONE),
            ]
        )
    ]

    found = about(listed(write(tmp_path, dict.fromkeys(names, ""))))

    assert {name: value[:3] for name, value in found.items()} == {
        names[0]: ("abseiling", "", "train"),
        names[2]: ("abseiling", "", "eval"),
        names[3]: ("bowling", "", "eval"),
    }
