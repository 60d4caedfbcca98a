from mocogan.components.video_example_gen.report.page_budget import items_that_fit


def test_items_are_taken_in_rounds_until_one_does_not_fit():
    items = {"a": [5, 5, 5], "b": [3, 30, 3], "c": [2]}
    assert items_that_fit(items, int, 100) == items
    assert items_that_fit(items, int, 15) == {"a": [5, 5], "b": [3], "c": [2]}
    assert items_that_fit(items, int, 9) == {"a": [5], "b": [3], "c": []}


def test_a_budget_that_is_used_up_takes_nothing():
    assert items_that_fit({"a": [1]}, int, 0) == {"a": []}
    assert items_that_fit({"a": [1]}, int, -5) == {"a": []}
    assert items_that_fit({}, int, 5) == {}
