from tests.support.data_sets import about, listed, write


def test_actions_are_classes_and_persons_groups(tmp_path):
    names = ["walk/lena_walk1.avi", "walk/lena_walk2.avi", "wave1/ido_wave1.avi", "run/eli_run.avi"]

    listing = listed(write(tmp_path, dict.fromkeys(names, "")))

    assert about(listing) == {
        names[0]: ("walk", "", "", "lena"),
        names[1]: ("walk", "", "", "lena"),
        names[2]: ("wave1", "", "", "ido"),
        names[3]: ("run", "", "", "eli"),
    }
    assert listing.dataset == "Weizmann, 3 actions"


def test_film_strips_and_archives_have_the_same_names(tmp_path, write_zip):
    write(tmp_path, {"strips/daria_bend_0.png": "", "strips/moshe_pjump.jpg": ""})
    write_zip(tmp_path / "jack.zip", {"daria_jack.avi": b"a", "eli_jack.avi": b"b"})

    assert {name: found[::3] for name, found in about(listed(tmp_path)).items()} == {
        "jack.zip/daria_jack.avi": ("jack", "daria"),
        "jack.zip/eli_jack.avi": ("jack", "eli"),
        "strips/daria_bend_0.png": ("bend", "daria"),
        "strips/moshe_pjump.jpg": ("pjump", "moshe"),
    }
