import numpy as np

from mocogan.components.report_gen.sections.confusion import classes
from tests.support.report_contents import evaluation


def test_a_class_has_its_share_and_what_is_seen_instead():
    found = classes(evaluation())
    assert [row.name for row in found.rows] == ["walk", "wave"]
    walk = found.rows[0]
    assert (walk.recognized, walk.clips, walk.real_recognized) == (18, 20, 20)
    assert walk.mistaken_for == "wave"
    assert (found.recognized, found.clips, found.total) == (33, 40, 2)
    _, cells = found.generated.rows[0]
    assert [cell.number for cell in cells] == [18, 2]
    assert [cell.is_marked for cell in cells] == [True, False]
    assert [cell.opacity for cell in cells] == [0.45, 0.05]


def test_of_many_classes_those_with_the_most_mistakes_are_shown():
    counts = np.eye(40, dtype=int) * 10
    for number in range(20, 33):
        counts[number, 0] = number
    found = classes(evaluation(confusion=counts.tolist(), real_confusion=None, labels=()))
    assert [row.name for row in found.rows] == [f"class {n}" for n in range(21, 33)]
    assert found.generated.columns[-1] == "others"
    _, cells = found.generated.rows[0]
    assert [cell.number for cell in cells] == [10, *[0] * 11, 21]
    assert found.real is None


def test_what_is_no_matrix_is_left_out():
    assert classes(evaluation(confusion=None)) is None
    assert classes(evaluation(confusion=[])) is None
    assert classes(evaluation(confusion=[[1, 2], [3]])) is None
    assert classes(evaluation(real_confusion=[[1]])).real is None
