import pickle

from mocogan.data.rejection import REJECTION_CODES, VideoRejected


def test_codes_are_stable_names():
    assert {"open_failed", "bad_format", "empty_file", "too_short"} <= set(REJECTION_CODES)
    assert all(code.isidentifier() and code.islower() for code in REJECTION_CODES)


def test_travels_between_processes():
    copy = pickle.loads(pickle.dumps(VideoRejected("too_short", "3 frames")))

    assert (copy.code, copy.message, str(copy)) == ("too_short", "3 frames", "too_short: 3 frames")
