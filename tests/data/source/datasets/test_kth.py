from tests.support.data_sets import about, listed, write

SEQUENCES = """This database contains sequences of six classes of actions.

Training:   person11, 12
Validation: person19, 01
Test:       person22, 02

person11_boxing_d1\t\tframes\t1-95, 96-185
"""
NAMES = [
    f"{action}/person{person}_{action}_d{scenario}_uncomp.avi"
    for person in ("11", "01", "22")
    for action in ("boxing", "walking")
    for scenario in (1, 2)
]


def test_persons_are_groups_in_the_official_splits(tmp_path):
    listing = listed(write(tmp_path, dict.fromkeys(NAMES, "") | {"00sequences.txt": SEQUENCES}))

    found = about(listing)
    assert found[NAMES[0]] == ("boxing", "", "train", "person11")
    assert found[NAMES[6]] == ("walking", "", "eval", "person01")
    assert len(found) == 8  # the test split is left out
    assert listing.dataset == "KTH, 2 actions, official splits of persons"
    assert listing.rejected == []


def test_without_the_list_persons_stay_together(tmp_path):
    found = about(listed(write(tmp_path, dict.fromkeys(NAMES, ""))))

    assert {(split, group) for _, _, split, group in found.values()} == {
        ("", "person11"),
        ("", "person01"),
        ("", "person22"),
    }


def test_folders_of_frames(tmp_path, write_frames):
    for person in ("01", "02"):
        write_frames(tmp_path / "boxing" / f"person{person}_boxing_d1", "image-{:03d}_64x64.png")

    assert about(listed(tmp_path)) == {
        f"boxing/person{person}_boxing_d1": ("boxing", "", "", f"person{person}")
        for person in ("01", "02")
    }
