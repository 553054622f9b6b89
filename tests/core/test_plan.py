from __future__ import annotations

import pytest

from evenview.core.errors import UserError
from evenview.core.plan import Plan, Thinning
from evenview.core.selection import Band, Combine, Cone, Grow, Invert
from evenview.strategies.cap import Cap

TOP, EQUATOR = Cone((0, 0, 1), 20), Band(-10, 10)


def test_a_selection_is_a_list_of_steps_that_a_new_one_replaces():
    plan = Plan().select(TOP).select(EQUATOR, "add").grown(2)
    assert plan.selection == (Combine("replace", TOP), Combine("add", EQUATOR), Grow(2))
    assert plan.select(EQUATOR).selection == (Combine("replace", EQUATOR),)
    assert plan.cleared() == Plan()


def test_inverting_twice_is_where_one_was():
    plan = Plan().select(TOP)
    assert plan.inverted().selection == (Combine("replace", TOP), Invert())
    assert plan.inverted().inverted() == plan


def test_plans_are_values():
    assert hash(Plan().select(TOP)) == hash(Plan().select(Cone((0.0, 0.0, 1.0), 20.0)))
    assert Plan().select(TOP) != Plan().select(EQUATOR)


@pytest.mark.parametrize("values", [{"seed": -1}, {"minimum": -5}])
def test_numbers_below_nothing_are_refused(values):
    with pytest.raises(UserError, match="from 0 up"):
        Thinning(Cap(10), **values)
