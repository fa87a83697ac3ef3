"""Edits that are made of edits: copies of a piece of text, and two rounds of edits as one."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unmix.edit import Edit, apply_edits
from unmix.javascript.copies import Copies, compose_edits, merge_edits


@st.composite
def edits_of(draw: st.DrawFn, text: str) -> list[Edit]:
    """Give edits of `text` that do not touch each other."""
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8, unique=True)))
    spans = list(zip(cuts[::2], cuts[1::2], strict=False))
    return [Edit(start, end, draw(st.text("xyz", max_size=3))) for start, end in spans]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # machines are busy
@given(st.data(), st.text("abcdef", max_size=30))
def test_two_rounds_of_edits_are_one(data: st.DataObject, text: str) -> None:
    first = data.draw(edits_of(text))
    between = apply_edits(text, first)
    second = data.draw(edits_of(between))
    assert apply_edits(text, compose_edits(text, first, second)) == apply_edits(between, second)


def test_every_copy_gets_the_edits_inside_it() -> None:
    text = "import { a, b } from 'old'; a(b)"
    name = text.index("old")
    copies = Copies((0, 27), ((Edit(name, name + 3, "one"),), (Edit(name, name + 3, "two"),)), " ")
    edits = [Edit(9, 10, "A"), Edit(28, 29, "A")]
    merged = merge_edits(text, edits, [copies])
    assert merged is not None
    assert apply_edits(text, merged) == "import { A, b } from 'one'; import { A, b } from 'two'; A(b)"


def test_what_a_version_takes_away_is_not_edited() -> None:
    copies = Copies((0, 6), ((Edit(2, 4, ""),), ()), "|")
    merged = merge_edits("abcdef", [Edit(2, 3, "X")], [copies])
    assert merged is not None
    assert apply_edits("abcdef", merged) == "abef|abXdef"


def test_copies_inside_each_other_are_refused() -> None:
    assert merge_edits("abcdef", [], [Copies((0, 4), ((), ()), ""), Copies((2, 6), ((), ()), "")]) is None
