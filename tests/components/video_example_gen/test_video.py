import pytest

from mocogan.components.video_example_gen.video import Video


@pytest.mark.parametrize("name", [b"a.mp4", b"\xff\xfe.mp4", b"a\nb.mp4", "é\u2028.mp4".encode()])
def test_a_video_survives_the_way_through_a_line_of_text(name):
    video = Video(b"/data/" + name, name, b"walk", "up, down é".encode(), 2**40, earlier="{}")

    line = video.to_json()

    assert line.isascii()
    assert line.isprintable()
    assert Video.from_json(line) == video
