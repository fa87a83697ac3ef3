"""A text that may reach an old module by the name of one that imports it is looked into, others are not."""

from __future__ import annotations

import pytest

from unmix.python.module_aliases import suspect_aliases
from unmix.python.modules import find_modules
from unmix.workspace import memory_workspace

OWNER = b"from app.db import old\n"
USING = {
    "an attribute": b"from app import services\nservices.old.price(1)\n",
    "an attribute of another name": b"from app import services as s\ns.old.price(1)\n",
    "an import": b"from app.services import (\n    old,\n)\n",
    "a star": b"from app.services import *\nold.price(1)\n",
    "a name in quotes": b"from app import services\nsetattr(services, 'old', None)\n",
    "one asked of a chain": b"import app\nsetattr(app.services, 'old', None)\n",
    "one asked of another name": b"import app as a\nsetattr(a.services, 'old', None)\n",
    "one in brackets": b"from app import (\n    other,\n    services,\n)\nsetattr(services, 'old', None)\n",
    "one asked of a loaded module": b"setattr(import_module('app.services'), 'old', None)\n",
    "one asked of a module that is loaded by dots": b"setattr(import_module('.services', 'app'), 'old', None)\n",
    "one asked of what a star brought": b"from app import *\nsetattr(services, 'old', None)\n",
    "a patch": b"patch('app.services.old.time')\n",
}
BYSTANDING = {
    "a word and a text": b"def services(kind='old'):\n    return kind\n",
    "another module's attribute": b"from x import y\ny.services = 'old'\n",
}


def suspects(text: bytes) -> list[list[str]]:
    tree = {"app/__init__.py": b"", "app/db/__init__.py": b"", "app/db/old.py": b"", "app/services.py": OWNER}
    finder = find_modules(memory_workspace({**tree, "use.py": text}), None, ("app.db.old",))
    return [paths for _, paths in suspect_aliases(("app.db.old",), finder)]


@pytest.mark.parametrize("case", USING)
def test_a_text_that_may_use_an_alias_is_suspect(case: str) -> None:
    assert suspects(USING[case]) == [["use.py"]]


@pytest.mark.parametrize("case", BYSTANDING)
def test_a_text_without_the_module_is_not(case: str) -> None:
    assert suspects(BYSTANDING[case]) == []
