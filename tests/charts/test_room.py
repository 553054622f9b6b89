from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from evenview.charts.room import apart

SIDE = st.floats(1, 20)
PLACE = st.floats(-50, 50)
ROOMS = st.lists(st.tuples(PLACE, PLACE, SIDE, SIDE), max_size=12)


def test_the_first_keeps_its_place_and_what_touches_it_goes():
    assert apart([(0, 0, 10, 5), (8, 0, 10, 5), (11, 0, 10, 5), (0, 6, 10, 5)], 1.0) == [0, 2, 3]


@given(ROOMS, st.floats(0, 3))
def test_nothing_that_stays_touches_and_nothing_goes_without_a_reason(rooms, gap):
    stay = apart(rooms, gap)
    for place, i in enumerate(stay):
        assert all(apart([rooms[j], rooms[i]], gap) == [0, 1] for j in stay[:place])
    for i in set(range(len(rooms))) - set(stay):
        assert any(apart([rooms[j], rooms[i]], gap) == [0] for j in stay if j < i)
