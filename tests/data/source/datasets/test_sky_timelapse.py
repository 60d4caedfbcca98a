from tests.support.data_sets import about, listed


def test_films_are_groups_and_no_classes(tmp_path, write_frames):
    for split, film in (("train", "07U1fSrk9oI"), ("train", "-a_b-C1"), ("test", "Zz9")):
        for part in (1, 2):
            folder = tmp_path / "sky_timelapse" / f"sky_{split}" / film / f"{film}_{part}"
            write_frames(folder, film + "_frames_{:08d}.jpg", first=46)

    listing = listed(tmp_path)

    assert about(listing) == {
        f"sky_timelapse/sky_{split}/{film}/{film}_{part}": ("", "", used, f"film {film}")
        for split, film, used in (
            ("train", "07U1fSrk9oI", "train"),
            ("train", "-a_b-C1", "train"),
            ("test", "Zz9", "eval"),
        )
        for part in (1, 2)
    }
    assert listing.dataset == "Sky Timelapse, 6 videos from 3 films"


def test_one_split_alone_is_recognized_by_the_names_of_its_frames(tmp_path, write_frames):
    for part in (1, 2):
        write_frames(tmp_path / "abc" / f"abc_{part}", "abc_frames_{:08d}.jpg")

    assert about(listed(tmp_path)) == {
        f"abc/abc_{part}": ("", "", "", "film abc") for part in (1, 2)
    }
