import json

from tests.support.data_sets import about, listed, write


def _entry(number: str, caption: str, template: str) -> dict[str, object]:
    return {"id": number, "label": caption, "template": template, "placeholders": ["x"]}


def test_version_2_has_captions_and_templates(tmp_path):
    train = [
        _entry("1", "putting pen on book", "Putting [something] on [something]"),
        _entry("2", "moving cup up", "Moving [something] up"),
        _entry("9", "moving pen up", "Moving [something] up"),
    ]
    validation = [_entry("3", "moving key up", "Moving [something] up")]
    files = {
        **{f"20bn-something-something-v2/{number}.webm": "" for number in (1, 2, 3, 4)},
        "labels/something-something-v2-train.json": json.dumps(train),
        "labels/something-something-v2-validation.json": json.dumps(validation),
        "labels/something-something-v2-test.json": json.dumps([{"id": "4"}]),
        "labels/something-something-v2-labels.json": json.dumps({"Moving something up": "0"}),
    }

    listing = listed(write(tmp_path, files))

    folder = "20bn-something-something-v2"
    assert about(listing) == {
        f"{folder}/1.webm": (
            "Putting something on something",
            "putting pen on book",
            "train",
            "",
        ),
        f"{folder}/2.webm": ("Moving something up", "moving cup up", "train", ""),
        f"{folder}/3.webm": ("Moving something up", "moving key up", "eval", ""),
    }
    assert listing.dataset == "Something-Something, 2 classes, 3 lists"
    assert listing.notes == [
        "1 of 5 listed videos are not here",
        "the test split (1 video) is left out, because there is an eval split",
    ]
    assert listing.rejected == []


def test_version_1_has_frames_and_csv_lists(tmp_path, write_frames):
    for number in (100218, 24413):
        write_frames(tmp_path / "20bn-something-something-v1" / str(number), "{:05d}.jpg")
    write(
        tmp_path,
        {
            "something-something-v1-train.csv": "100218;Something falling like a feather\n",
            "something-something-v1-validation.csv": "24413;Unfolding something\n",
            "something-something-v1-labels.csv": "Unfolding something\n",
        },
    )

    assert about(listed(tmp_path)) == {
        "20bn-something-something-v1/100218": (
            "Something falling like a feather",
            "",
            "train",
            "",
        ),
        "20bn-something-something-v1/24413": ("Unfolding something", "", "eval", ""),
    }
