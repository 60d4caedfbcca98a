from tests.support.data_sets import about, listed, write

WALK = "hmdb51_org/walk/Crash_walk_f_cm_np1_fr_bad_{}.avi"
BRUSH = "hmdb51_org/brush_hair/April_09_brush_hair_u_nm_np1_ba_goo_{}.avi"
NAMES = [WALK.format(7), WALK.format(8), BRUSH.format(0), BRUSH.format(1), BRUSH.format(2)]


def _files() -> dict[str, str]:
    bases = [name.rpartition("/")[2] for name in NAMES]
    folder = "testTrainMulti_7030_splits"
    return dict.fromkeys(NAMES, "") | {
        f"{folder}/walk_test_split1.txt": f"{bases[0]} 1 \n{bases[1]} 1 \nGone_walk_f_cm_np1_fr_bad_1.avi 2 \n",
        f"{folder}/brush_hair_test_split1.txt": f"{bases[2]} 2 \n{bases[3]} 2 \n{bases[4]} 0 \n",
        f"{folder}/walk_test_split2.txt": f"{bases[0]} 2 \n{bases[1]} 2 \n",
        f"{folder}/brush_hair_test_split2.txt": f"{bases[2]} 1 \n{bases[3]} 1 \n{bases[4]} 1 \n",
    }


def test_the_first_official_list_gives_splits_and_leaves_unused_videos_out(tmp_path):
    listing = listed(write(tmp_path, _files()))

    assert listing.dataset == "HMDB51, 2 classes, official list 1"
    assert about(listing) == {
        NAMES[0]: ("walk", "", "train", "film Crash"),
        NAMES[1]: ("walk", "", "train", "film Crash"),
        NAMES[2]: ("brush_hair", "", "eval", "film April_09"),
        NAMES[3]: ("brush_hair", "", "eval", "film April_09"),
    }
    assert listing.notes[:2] == [
        "1 videos that list 1 does not use left out",
        "1 of 6 listed videos are not here",
    ]
    assert listing.rejected == []


def test_another_list_by_option(tmp_path):
    found = about(listed(write(tmp_path, _files()), view="2"))

    assert [found[name][2] for name in NAMES] == ["eval", "eval", "train", "train", "train"]


def test_without_lists_cuts_of_a_film_stay_together(tmp_path):
    listing = listed(write(tmp_path, dict.fromkeys(NAMES, "")))

    assert {found[3] for found in about(listing).values()} == {"film Crash", "film April_09"}
    assert {found[0] for found in about(listing).values()} == {"walk", "brush_hair"}
