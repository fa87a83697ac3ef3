"""Read the examples in docstrings: what a doctest takes from the module around it.

Takes the text of a docstring, gives the names its examples use; runs nothing.
"""

from __future__ import annotations

from unmix.errors import UnreadableSource
from unmix.python.scoping import read_scopes
from unmix.python.syntax import parse


def names_in_examples(docstring: str) -> set[str]:
    """Give the dotted names that examples read and do not bind themselves: `core.dec` of `>>> core.dec(1)`.

    Examples that cannot be parsed have none.
    """
    if ">>>" not in docstring:
        return set()
    import doctest  # takes a while to import, and most modules have no examples

    try:
        examples = doctest.DocTestParser().get_examples(docstring)
        scopes = read_scopes(parse("", "".join(example.source for example in examples)))
    except (ValueError, UnreadableSource):
        return set()
    return {".".join((use.name, *use.attributes)) for use in scopes.uses if scopes.resolve(use) is None}
