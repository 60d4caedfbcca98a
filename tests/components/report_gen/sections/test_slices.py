import numpy as np

from mocogan.components.report_gen.clip_images import ClipImages, Rendering
from mocogan.components.report_gen.sections.slices import slices, time_slice
from tests.support.report_contents import gallery, moving_squares


def test_a_slice_is_the_row_that_changes_most_over_time():
    clip = np.zeros((3, 5, 4, 3), np.uint8)
    clip[:, 0] = 200  # bright and still
    clip[1, 3, 2] = 90
    found = time_slice(clip)
    assert found.shape == (3, 4, 3)
    np.testing.assert_array_equal(found, clip[:, 3])


def test_a_single_frame_has_its_middle_row():
    clip = np.arange(5, dtype=np.uint8)[None, :, None, None].repeat(4, 2).repeat(3, 3)
    assert (time_slice(clip) == 2).all()


def test_slices_are_in_pairs():
    galleries = {
        "generated": gallery("generated", moving_squares(9)),
        "real": gallery("real", moving_squares(4)),
    }
    images = ClipImages(Rendering(None, 192, 48), 10**6)
    found = slices(galleries, images)
    assert (len(found.generated), len(found.real)) == (4, 4)
    assert (found.real[0].width, found.real[0].height) == (8, 4)
    assert slices({"real": galleries["real"]}, images) is None
