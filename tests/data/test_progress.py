from mocogan.data.progress import progress


def test_without_a_terminal_the_end_is_one_plain_line(capsys):
    with progress("videos", total=2, unit="videos") as report:
        report.advance()
        report.advance(clips=7)

    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("  videos: 2/2 videos (")
    assert lines[0].endswith(", clips 7")
