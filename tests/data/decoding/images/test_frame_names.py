import pytest

from mocogan.data.decoding.images.frame_names import (
    frames_among,
    is_flow,
    ordered_frames,
    parse,
    series_of,
)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("frame_0012.png", 12),
        ("12", 12),
        ("shot2_7.jpeg", 7),
        ("image.0003.bmp", 3),
        ("image.0003", 3),
        ("a1.0003", 3),
        ("frame12b.png", None),
        ("cover.png", None),
        ("mp4.", 4),
        ("12\n.png", None),
        ("frame_\u0663.png", None),  # a digit, but none that a program counts with
    ],
)
def test_a_number_at_the_end_of_the_name_is_enough(name, number):
    found = parse(name)
    ended = found is not None and found.ends_with_number

    assert (found.numbers[-1] if ended else None) == number
    assert [frame.number for frame in ordered_frames([name])] == [(number,)] * ended


def test_numbers_before_a_suffix_count_if_names_differ_in_them_alone():
    city = [f"aachen_000000_{number:06d}_leftImg8bit.png" for number in (10, 9, 4)]

    assert frames_among(city) == [*reversed(city)]
    assert frames_among([city[0], "tree2b.png", "photo 1 copy.png"]) == []


def test_all_numbers_that_differ_decide_about_the_order():
    names = ["12-01-00.png", "12-00-30.png", "12-00-00.png"]

    assert frames_among(names) == [*reversed(names)]


@pytest.mark.parametrize("flow", ["flow_x_{:05d}.jpg", "flow_y_{:05d}.jpg", "tvl1_flow{:05d}.jpg"])
def test_optical_flow_beside_frames_is_no_frame(flow):
    frames = [f"img_{number:05d}.jpg" for number in (1, 2)]
    flows = [flow.format(number) for number in (1, 2)]

    assert frames_among([*flows, *frames]) == frames
    assert frames_among(flows) == flows  # alone they are the film
    assert all(map(is_flow, flows))
    assert not any(map(is_flow, [*frames, "flower_1.jpg", "overflow_1.jpg"]))


def test_names_that_count_twice_are_several_videos():
    names = [f"ulm_{video:06d}_{frame:06d}.png" for video in (3, 4) for frame in (7, 8, 9)]

    found = series_of(ordered_frames(reversed(names)))

    assert [[frame.name for frame in frames] for frames in found] == [names[:3], names[3:]]


@pytest.mark.parametrize(
    "names",
    [
        ["1.png", "2.png", "4.png"],
        ["12-00-10.png", "12-00-40.png", "12-01-10.png", "12-01-40.png"],  # times, with gaps
        ["a_1_1.png", "a_1_2.png", "a_2_1.png"],  # a video of one frame
    ],
)
def test_other_names_are_one_video(names):
    frames = ordered_frames(names)

    assert series_of(frames) == [frames]
