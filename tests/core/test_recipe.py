from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenview.core.errors import UserError
from evenview.core.plan import LOOKS, ColorRange, Order, Plan, Thinning
from evenview.core.recipe import plan_from_json, plan_to_json
from evenview.core.selection import Band, BinSet, Combine, Cone, Grow, Invert, Polygon, Threshold
from evenview.strategies import strategies

numbers = st.floats(-1000, 1000)
vectors = st.tuples(numbers, numbers, st.floats(0.1, 1))
triangles = st.just(((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.1, 0.2, -0.7)))
regions = st.one_of(
    st.builds(Cone, vectors, st.floats(0, 180)),
    st.builds(Band, st.floats(-90, 0), st.floats(0, 90)),
    st.builds(Polygon, triangles, vectors),
    st.builds(Threshold, st.sampled_from(["uniform", "percentile", "fullest"]), st.floats(0, 100)),
    st.builds(BinSet, st.just("healpix:3"), st.lists(st.integers(0, 700)).map(tuple)),
)
steps = st.one_of(
    st.builds(Combine, st.sampled_from(["replace", "add", "subtract", "intersect"]), regions),
    st.builds(Grow, st.integers(1, 9)),
    st.just(Invert()),
)
thinnings = st.builds(
    Thinning,
    st.sampled_from([s() for s in strategies().values()]),
    st.booleans(),
    st.integers(0, 100),
    st.booleans(),
    st.builds(Order, st.none() | st.just("rlnMaxValueProbDistribution"), st.booleans()),
    st.integers(0, 2**40),
)
plans = st.builds(
    Plan,
    grid=st.sampled_from(["healpix:4", "azel:2.5"]),
    symmetry=st.just("I1"),
    look=st.sampled_from(LOOKS),
    scale=st.sampled_from(["linear", "log"]),
    colors=st.builds(ColorRange, st.just("fixed"), numbers, numbers),
    selection=st.lists(steps, max_size=5).map(tuple),
    thinning=st.none() | thinnings,
)


@given(plans)
def test_a_plan_comes_back_from_text_as_it_went(plan):
    text = json.dumps(plan_to_json(plan), allow_nan=False)
    back = plan_from_json(json.loads(text), strategies())
    assert back == plan
    assert hash(back) == hash(plan)


def test_what_is_left_out_has_its_default():
    assert plan_from_json({}, strategies()) == Plan()
    content = {"thinning": {"strategy": {"type": "cap", "cap": 7}}}
    assert plan_from_json(content, strategies()) == Plan(
        thinning=Thinning(strategies()["cap"](cap=7))
    )


def test_the_text_can_be_read_by_people():
    content = plan_to_json(Plan(thinning=Thinning(strategies()["percentile"]())).select(Band(0, 9)))
    assert content["grid"] == "healpix:4"
    assert content["thinning"]["strategy"] == {"type": "percentile", "percentile": 80.0}
    assert content["selection"] == [
        {"type": "combine", "mode": "replace", "region": {"type": "band", "low": 0, "high": 9}}
    ]


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ({"grit": "healpix:4"}, "plan"),
        ({"grid": 4}, "plan.grid"),
        ({"look": "sideways"}, "plan.look"),
        ({"colors": "red"}, "plan.colors"),
        ({"colors": {"low": "0"}}, "plan.colors.low"),
        ({"selection": {}}, "plan.selection"),
        ({"selection": [{"type": "shrink"}]}, "plan.selection[0]"),
        ({"selection": [{"type": "invert"}, 3]}, "plan.selection[1]"),
        ({"selection": [{"type": "grow", "rings": 1.5}]}, "plan.selection[0].rings"),
        ({"selection": [{"type": "combine", "mode": "add"}]}, "plan.selection[0]"),
        (
            {"selection": [{"type": "combine", "mode": "add", "region": {"type": "cube"}}]},
            "plan.selection[0].region",
        ),
        (
            {
                "selection": [
                    {
                        "type": "combine",
                        "mode": "add",
                        "region": {"type": "cone", "axis": [0, 1], "angle": 3},
                    }
                ]
            },
            "plan.selection[0].region.axis",
        ),
        ({"thinning": {"strategy": {"type": "magic"}}}, "plan.thinning.strategy"),
        ({"thinning": {"strategy": {"type": "cap", "cap": 0}}}, "plan.thinning.strategy"),
        ({"thinning": {"strategy": {"type": "cap", "cap": True}}}, "plan.thinning.strategy.cap"),
        ({"thinning": {"strategy": {"type": "cap"}, "seed": "x"}}, "plan.thinning.seed"),
    ],
)
def test_what_does_not_belong_is_refused_and_named(content, where):
    with pytest.raises(UserError) as caught:
        plan_from_json(content, strategies())
    assert caught.value.where == where
