from mocogan.components.report_gen.clip_images import ClipImages, Rendering
from mocogan.components.report_gen.sections.clip_tables import clip_pairs, clip_row, clip_table
from tests.support.report_contents import gallery, moving_squares


def images(max_clips=48):
    return ClipImages(Rendering(None, 192, max_clips), 10**7)


def test_a_row_has_the_first_clips_with_their_captions():
    galleries = {"worst": gallery("worst", moving_squares(5), captions=("far", "near"))}
    row = clip_row(galleries, "worst", "Worst", images(), 3)
    assert [shown.caption for shown in row.clips] == ["far", "near", ""]
    assert [shown.picture.alt for shown in row.clips] == [
        "Worst, clip 1: far",
        "Worst, clip 2: near",
        "Worst, clip 3",
    ]
    assert row.more == "2 more clips are in galleries/worst.png of the evaluation."


def test_pairs_have_as_many_clips_on_both_sides():
    galleries = {
        "real": gallery("real", moving_squares(2)),
        "generated": gallery("generated", moving_squares(5)),
    }
    pairs = clip_pairs(galleries, ("generated", "real"), ("Generated", "Real"), images(), 8)
    assert (len(pairs.left.clips), len(pairs.right.clips)) == (2, 2)
    assert not pairs.has_captions
    assert clip_pairs(galleries, ("generated", "nearest"), ("a", "b"), images(), 8) is None


def test_a_table_names_its_rows_and_columns():
    part = gallery("matrix", moving_squares(5), columns=3, row_names=("seed 7",))
    table = clip_table({"matrix": part}, "matrix", "Matrix", images(), ("content", "motion"), 6)
    assert table.columns == ["motion 1", "motion 2", "motion 3"]
    assert [(name, len(cells)) for name, cells in table.rows] == [("seed 7", 3), ("content 2", 2)]
    assert table.rows[1][1][1].alt == "Matrix: content 2, motion 2"
    assert table.more == ""


def test_a_table_is_cut_in_both_directions():
    part = gallery("matrix", moving_squares(100), columns=10)
    table = clip_table({"matrix": part}, "matrix", "Matrix", images(16), ("a", "b"), 6)
    assert (len(table.rows), len(table.columns)) == (2, 8)
    assert table.more.startswith("84 more clips")


def test_no_clip_is_shown_where_none_may_be():
    galleries = {"real": gallery("real", moving_squares(2))}
    assert clip_row(galleries, "real", "Real", images(0), 3) is None
    assert clip_table(galleries, "real", "Real", images(0), ("a", "b"), 3) is None
