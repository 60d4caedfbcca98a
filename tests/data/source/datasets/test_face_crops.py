from tests.support.data_sets import about, listed, write


def test_cuts_of_a_film_are_a_group(tmp_path, write_frames):
    names = ["train/A1-_xyz#000123#000456.mp4", "train/A1-_xyz#000500#000700.mp4"]
    write(tmp_path, dict.fromkeys([*names, "train/id10001#7k0#2#000500#000700.mp4"], ""))
    write_frames(tmp_path / "test" / "B2#000001#000020.mp4", "{:07d}.png")

    listing = listed(tmp_path)

    assert about(listing) == {
        names[0]: ("", "", "train", "film A1-_xyz"),
        names[1]: ("", "", "train", "film A1-_xyz"),
        "train/id10001#7k0#2#000500#000700.mp4": ("", "", "train", "film id10001"),
        "test/B2#000001#000020.mp4": ("", "", "eval", "film B2"),
    }
    assert listing.dataset == "cropped videos, as TaiChi-HD, from 3 films"


def test_face_forensics_by_its_folders(tmp_path):
    folder = "manipulated_sequences/Deepfakes/c23/videos"
    names = [f"{folder}/000_003.mp4", f"{folder}/001_870.mp4"]
    original = "original_sequences/youtube/c23/videos/000.mp4"

    found = about(listed(write(tmp_path, dict.fromkeys([*names, original], ""))))

    assert [value[3] for value in found.values()] == ["film 000", "film 001", "film 000"]


def test_other_videos_named_by_two_numbers_keep_their_classes(tmp_path):
    names = [f"{action}/00{n}_001.mp4" for action in ("walk", "run") for n in (1, 2)]

    found = about(listed(write(tmp_path, dict.fromkeys(names, ""))))

    assert {value[0] for value in found.values()} == {"walk", "run"}
