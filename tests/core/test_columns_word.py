"""The word of --columns: what it may say, and what is asked for where it says too little."""

from __future__ import annotations

import pytest

from evenview.core.columns_word import columns_word, parse_columns
from evenview.core.conventions import conventions
from evenview.core.errors import UserError
from evenview.core.reading import TextColumns


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("rot=3,tilt=4,psi=5", TextColumns("relion", ("3", "4", "5"))),
        ("psi=5 rot=3  tilt=4;half=8", TextColumns("relion", ("3", "4", "5"), half="8")),
        ('tdrot=a, tilt = b ,narot="c, d"', TextColumns("dynamo", ("a", "b", "c, d"))),
        ("tdrot='it is',tilt=\"don't\",narot=1", TextColumns("dynamo", ("it is", "don't", "1"))),
        ("w=1,x=2,y=3,z=4", TextColumns("quaternion", ("1", "2", "3", "4"))),
        ("x=2,y=3,z=4", TextColumns("cryosparc", ("2", "3", "4"))),
        ("x=2,y=3,z=4,angle=5", TextColumns("axis_angle", ("2", "3", "4", "5"))),
        (
            "rot=1,tilt=2,psi=3,dx=4,dy=5,shift=px,sign=position,apix=1.5,angles=radians",
            TextColumns(
                "relion",
                ("1", "2", "3"),
                angles="radians",
                shifts=("4", "5"),
                shift_unit="px",
                shift_sense="position",
                pixel_size=1.5,
            ),
        ),
    ],
)
def test_the_names_of_the_numbers_tell_the_convention(word, expected):
    assert parse_columns(word) == expected
    assert parse_columns(columns_word(expected)) == expected


@pytest.mark.parametrize("name", list(conventions()))
def test_every_convention_can_be_said_and_comes_back(name):
    numbers = tuple(str(place + 2) for place in range(len(conventions()[name].numbers)))
    columns = TextColumns(name, numbers, half="1")
    assert parse_columns(columns_word(columns)) == columns


def test_names_of_several_conventions_are_never_guessed():
    with pytest.raises(UserError, match="several conventions: cistem, spider, emmotl"):
        parse_columns("phi=1,theta=2,psi=3")
    assert parse_columns("phi=1,theta=2,psi=3", "emmotl").numbers == ("1", "3", "2")
    assert parse_columns("phi=1,theta=2,psi=3", "frealign").convention == "cistem"
    assert parse_columns("phi=1,theta=2,psi=3,convention=spider").convention == "spider"


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("", "no columns are named"),
        ("3,4,5", '"3,4,5" is not understood'),
        ("rot=3,tilt=4,psi=", '"psi=" is not understood'),
        ("rot=3,tilt=4,rot=5", "rot is said twice"),
        ("rot=3,tilt=4", "no convention has numbers of these names: rot, tilt"),
        ("rot=3,tilt=4,psi=5,classes=6", "classes is not known"),
        ("rot=3,tilt=4,psi=5,dx=6", "dx and dy"),
        ("rot=3,tilt=4,psi=5,dx=6,dz=7", "dx and dy"),
        ("rot=3,tilt=4,psi=5,dx=6,dy=7", "shift=px or shift=A"),
        ("rot=3,tilt=4,psi=5,dx=6,dy=7,shift=A", "sign=origin"),
        ("rot=3,tilt=4,psi=5,dx=6,dy=7,shift=nm,sign=origin", "px or A"),
        ("rot=3,tilt=4,psi=5,angles=grad", "degrees or radians"),
        ("rot=3,tilt=4,psi=5,apix=0", "no pixel size"),
        ("rot=3,tilt=4,psi=5,apix=one", "not a number"),
    ],
)
def test_what_is_missing_or_not_understood_is_said(word, said):
    with pytest.raises(UserError, match=said):
        parse_columns(word)


def test_a_convention_nobody_knows_is_said():
    with pytest.raises(UserError, match="not a known convention"):
        parse_columns("rot=1,tilt=2,psi=3", "mine")
    with pytest.raises(UserError, match="no column is said for phi"):
        parse_columns("rot=1,tilt=2,psi=3", "cistem")
