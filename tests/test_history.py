from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from evenview.history import DEPTH, History

EDITS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5), st.booleans()), max_size=20)


def edited(edits) -> History[int]:
    history = History.start(0)
    for label, value, transient in edits:
        history = history.edit(label, value, transient=transient)
    return history


def test_nothing_to_undo_at_the_start():
    history = History.start("a")
    assert (history.value, history.undo_label, history.redo_label) == ("a", None, None)
    assert history.undo() is not None
    assert history.undo().value == history.redo().value == "a"


def test_labels_name_the_edit_on_either_side():
    history = History.start(0).edit("one", 1).edit("two", 2).undo()
    assert (history.value, history.undo_label, history.redo_label) == (1, "one", "two")


def test_an_edit_after_undo_forgets_what_was_undone():
    history = History.start(0).edit("one", 1).undo().edit("other", 5)
    assert history.redo_label is None
    assert history.undo().value == 0


def test_a_dragged_slider_is_one_step_back():
    history = History.start(0)
    for value in (1, 2, 3, 4):
        history = history.edit("slide", value, transient=True)
    history = history.edit("slide", 5)
    assert history.value == 5
    assert history.undo().value == 0


def test_a_drag_back_to_where_it_began_leaves_no_step():
    history = History.start(0).edit("one", 1)
    dragged = history.edit("slide", 2, transient=True).edit("slide", 1, transient=True)
    assert dragged.edit("slide", 1) == history


def test_two_drags_are_two_steps():
    history = History.start(0).edit("slide", 1, transient=True).edit("slide", 2)
    history = history.edit("slide", 3, transient=True).edit("slide", 4)
    assert history.undo().value == 2


def test_an_edit_that_changes_nothing_is_no_step():
    history = History.start(0).edit("one", 1)
    assert history.edit("again", 1) is history


def test_old_entries_are_dropped_but_never_the_present_one():
    history = edited([("e", i + 1, False) for i in range(DEPTH + 50)])
    assert len(history.entries) == DEPTH
    assert history.value == DEPTH + 50


@given(EDITS)
def test_undoing_everything_and_redoing_everything_comes_back(edits):
    history = edited(edits)
    end, steps = history.value, len(history.entries) - 1
    for _ in range(steps):
        history = history.undo()
    assert history.value == 0
    assert history.undo_label is None
    for _ in range(steps):
        history = history.redo()
    assert history.value == end


@given(EDITS, st.integers(0, 3))
def test_undo_then_redo_is_where_one_was(edits, back):
    history = edited(edits)
    for _ in range(back):
        history = history.undo()
    if history.undo_label is not None:
        assert history.undo().redo() == history
