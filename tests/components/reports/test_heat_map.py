import numpy as np

from mocogan.components.reports.heat_map import heat_map


def test_cells_are_shaded_by_their_share_of_the_row():
    found = heat_map("t", "c", ["a", "b"], ["a", "b", "others"], np.array([[2, 1, 1], [0, 0, 0]]))
    (name, cells), (_, empty) = found.rows
    assert name == "a"
    assert found.is_upright
    assert [cell.opacity for cell in cells] == [0.25, 0.125, 0.125]
    assert [cell.is_marked for cell in cells] == [True, False, False]
    assert [cell.opacity for cell in empty] == [0, 0, 0]
