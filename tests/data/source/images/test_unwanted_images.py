import pytest

from mocogan.data.source.folder_contents import FolderContents, FoundFile
from mocogan.data.source.images.unwanted_images import without_unwanted_images


def _left_out(*names: str) -> set[str]:
    files = [FoundFile(name.encode(), f"/{name}", 1, 0) for name in names]
    contents, rejected, notes = without_unwanted_images(FolderContents(files, [], 0, 0))
    gone = {file.video_id.decode() for file in rejected}
    assert gone == {*names} - {file.name.decode() for file in contents.files}
    assert bool(notes) == bool(gone)
    return gone


def test_flow_beside_frames_is_left_out():
    flow = {f"v/flow_{axis}_{number:05d}.jpg" for axis in "xy" for number in (1, 2)}

    assert _left_out("v/img_00001.jpg", "v/img_00002.jpg", *flow) == flow
    assert _left_out(*flow) == set()  # alone it is what the user wants


def test_folders_of_flow_beside_folders_of_frames_are_left_out():
    flow = {"a/flow_x/1.jpg", "a/flow_x/2.jpg"}

    assert _left_out("a/rgb/1.jpg", "a/rgb/2.jpg", *flow) == flow
    assert _left_out(*flow) == set()
    assert _left_out("flow/1.mp4", "water/2.mp4") == set()  # a class of videos


@pytest.mark.parametrize(
    "photo",
    [
        "IMG_0007.JPG",
        "DSC_0007.JPG",
        "DSCN0007.jpg",
        "_DSC0007.JPG",
        "P1010007.JPG",
        "IMG_20240131_120000.jpg",
        "PXL_20240131_120000123.jpg",
        "20240131_120000.jpg",
        "IMG-20240131-WA0007.jpg",
        "IMG_E0007.HEIC",
        "IMG_0007 (1).JPG",
    ],
)
def test_photos_beside_films_are_left_out(photo):
    assert _left_out(photo, "MVI_0008.MOV") == {photo}
    assert _left_out(f"DCIM/100APPLE/{photo}") == {f"DCIM/100APPLE/{photo}"}
    assert _left_out(photo, "elsewhere/film.mov") == set()  # perhaps a time lapse


@pytest.mark.parametrize("frame", ["img_00007.jpg", "frame0007.png", "0007.jpg", "7.png"])
def test_frames_that_programs_write_beside_a_film_stay(frame):
    assert _left_out(frame, "film.mp4") == set()
