"""What `check` finds around a split module whose old path is gone: all that a hand-made removal leaves behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tool import committed, unmix
from trees import plant

# What a package answers by a function of its own, as unmix lets it do for an old module, is no answer to all else.
ANSWERING = """
def __getattr__(name):
    if name == "old":
        from importlib import import_module

        return import_module("app.parts")
    if name in ("again", "once"):
        return None
    raise AttributeError(name)
"""

TREE = {
    "unmix.toml": '[[split]]\nmodule = "app.old"\n[split.into]\n"app.one" = ["wrap"]\n"app.two" = ["*"]\n',
    "app/__init__.py": "",
    "app/one.py": "def wrap(client):\n    return client\n",
    "app/lazy.py": ANSWERING,
    "app/two.py": "def retry(call):\n    return call()\n",
}

LEFT_BEHIND = {
    "import_of_the_module.py": ("import app.old\n", [(1, "UNM001")]),
    "import_of_a_name.py": ("from app.one import create\n", [(1, "UNM004")]),
    "export_list.py": ('from app.two import retry\n\n__all__ = ["retry", "wrap"]\n', [(3, "UNM005")]),
    "call_in_a_function.py": ("def connect(raw):\n    return wrap(raw)\n", [(2, "UNM004")]),
    "attribute.py": ("from app import two\n\n\ndef go():\n    return two.missing()\n", [(5, "UNM004")]),
    "import_in_a_function.py": ("def go(f):\n    from app.old import retry\n\n    return retry(f)\n", [(2, "UNM001")]),
    "import_module.py": (
        'import importlib\n\n\ndef go(f):\n    return importlib.import_module("app.old").retry(f)\n',
        [(5, "UNM003")],
    ),
    "silent_fallback.py": (
        "try:\n    from app.old import wrap\nexcept ImportError:\n    wrap = None\n",
        [(2, "UNM001")],
    ),
    "a_program.py": ('ARGS = ["python", "-c", "from app.old import retry; retry(print)"]\n', [(1, "UNM001")]),
    "through_a_variable.py": (
        "import app.old\n\nm = app.old\nm.retry(print)\n",
        [(1, "UNM001"), (3, "UNM002"), (4, "UNM002")],
    ),
    "through_a_re_export.py": ("from app import wrap\n", [(1, "UNM004")]),
    "answers/__init__.py": ('__all__ = ["old", "once", "retry"]\n' + ANSWERING, [(1, "UNM005")]),
    "imports_from_one_that_answers.py": ("from app.lazy import old, retry\n", [(1, "UNM004")]),
}

FINE = {
    "a_parameter.py": "def go(wrap, retry=None):\n    return wrap(retry)\n",
    "an_attribute_of_another.py": "class Box:\n    wrap = 1\n\n\nprint(Box.wrap, Box().retry)\n",
    "another_module.py": "from textwrap import wrap\n\nprint(wrap('a'))\n",
    "a_star_of_who_knows.py": "from somewhere import *\n\nprint(retry)\n",
    "answers_all/__init__.py": '__all__ = ["retry"]\n\n\ndef __getattr__(name):\n    return f"any {name}"\n',
    "a_name_that_is_answered.py": "from app.lazy import again\n",
    "a_type_in_a_comment.py": "x = []  # type: retry\n",
    "what_another_file_sets.py": "import app.lazy\n\napp.lazy.wrap = {}\nprint(app.lazy.wrap)\n",
    "what_every_module_has.py": "from app import two\n\nprint(two.__class__.__name__, two.__doc__, two.__repr__())\n",
    "a_word_in_prose.py": '"""How to retry, and what to wrap."""\n\nx = "retry"\n',
}


@pytest.mark.parametrize("name", LEFT_BEHIND)
def test_what_is_left_behind_is_named(tmp_path: Path, name: str) -> None:
    text, expected = LEFT_BEHIND[name]
    result = unmix(tree(tmp_path, name, text), "check", "--format", "json")
    found = [(finding["line"], finding["code"]) for finding in json.loads(result.output)["findings"]]
    assert (found, result.code) == (expected, 1)


@pytest.mark.parametrize("name", FINE)
def test_what_is_fine_is_not(tmp_path: Path, name: str) -> None:
    result = unmix(tree(tmp_path, name, FINE[name]), "check", "--format", "json")
    assert json.loads(result.output)["findings"] == []
    assert result.code == 0


MENTIONED = {
    "a_prefix.py": ('PREFIX = "app.old."\n', 1),
    "a_template.py": ('TARGET = "app.old.%s"\n', 1),
    "an_f_string.py": ('def target(name):\n    return f"app.old.{name}"\n', 2),
    "a_program.py": ('print("from app.old import retry; retry(print)")\n', 1),
    "a_file.py": ('PATH = "app/old.py"\n', 1),
    "a_comment.py": ("x = 1  # \x0c as app.old.retry does\n", 1),
    "a_comment_of_code.py": ("\n# from app import old\n", 2),
    "a_comment_behind_a_lone_cr.py": ("x = 1\r# see app/old.py\n", 2),
    "a_docstring.py": ('"""See `app.old`."""\n', 1),
}


@pytest.mark.parametrize("name", MENTIONED)
def test_what_holds_more_than_the_name_is_a_warning(tmp_path: Path, name: str) -> None:
    text, line = MENTIONED[name]
    result = unmix(tree(tmp_path, name, text), "check", "--format", "json")
    found = [(finding["line"], finding["code"]) for finding in json.loads(result.output)["findings"]]
    assert (found, result.code) == ([(line, "UNM010")], 0)


def test_an_entry_point_in_a_script_follows_the_module(tmp_path: Path) -> None:
    tree = {
        "unmix.toml": b'[[split]]\nmodule = "app.old"\n[split.into]\n"app.one" = ["wrap"]\n"app.two" = ["*"]\n',
        "app/__init__.py": b"",
        "app/old.py": b"def wrap():\n    pass\n\n\ndef run():\n    pass\n",
        "setup.py": b'setup(scripts=["wrap = app.old:wrap", "run=app.old:run [fast]"], py_modules=["app.old", "x"])\n',
        "settings.py": b'LOGGING = {"version": 1, "loggers": {"app.old": {"level": "DEBUG"}}}\n',
    }
    root = committed(plant(tmp_path / "root", tree))
    assert unmix(root, "migrate").code == 0
    assert '"wrap = app.one:wrap", "run=app.two:run [fast]"' in (root / "setup.py").read_text()
    findings = json.loads(unmix(root, "check", "--format", "json").output)["findings"]
    assert [(finding["path"], finding["message"]) for finding in findings] == [
        ("setup.py", "the string names the module app.old, and not which of its names is meant")
    ]


def test_one_target_for_names_of_several_parts_is_a_warning(tmp_path: Path) -> None:
    tree = {
        "unmix.toml": b'[[split]]\nmodule = "app.old"\n[split.into]\n"app.one" = ["wrap"]\n"app.two" = ["*"]\n',
        "app/__init__.py": b"",
        "app/old.py": b"def wrap():\n    pass\n\n\ndef run():\n    pass\n",
        "test_it.py": b'from mock import patch\n\npatch.multiple("app.old", wrap=1, run=2)\n',
    }
    root = committed(plant(tmp_path / "root", tree))
    assert unmix(root, "migrate").code == unmix(root, "check").code == 0


def test_a_name_asked_for_that_was_never_there_is_told(tmp_path: Path) -> None:
    text = "import app.old\n\nprint(hasattr(app.old, 'gone'))\n"
    found = json.loads(unmix(tree(tmp_path, "ask.py", text), "check", "--format", "json").output)["findings"]
    assert "`gone` is asked for by its name, and app.old does not define it" in [each["message"] for each in found]


def test_a_module_that_examples_in_docstrings_use_keeps_its_name(tmp_path: Path) -> None:
    text = 'from app import old\n\n\ndef go():\n    """\n    >>> old.wrap(1)\n    1\n    """\n    old.retry(print)\n'
    found = json.loads(unmix(tree(tmp_path, "app/go.py", text), "check", "--format", "json").output)["findings"]
    assert "examples in docstrings read the module app.old as `old`" in [finding["message"] for finding in found]


def tree(folder: Path, name: str, text: str) -> Path:
    return committed(plant(folder, {path: content.encode() for path, content in {**TREE, name: text}.items()}))


def test_a_name_that_only_a_stub_declares_may_be_imported_by_another_stub(tmp_path: Path) -> None:
    folder = tree(tmp_path, "app/two.pyi", "from typing import TypeVar\n\n_T = TypeVar('_T')\n\ndef retry(call): ...\n")
    committed(plant(folder, {"app/api.pyi": b"from app.two import _T as _T, retry as retry\n"}))
    assert unmix(folder, "check").code == 0


@pytest.mark.parametrize("use", ["from shop.old import __doc__, price\n", "import shop.old\nprint(shop.old.__doc__)\n"])
def test_what_speaks_of_the_module_itself_stays_and_says_why(tmp_path: Path, use: str) -> None:
    tree = {
        "unmix.toml": b'[[split]]\nmodule = "shop.old"\n[split.into]\n"shop.money" = ["label"]\n"shop.tax" = ["*"]\n',
        "shop/__init__.py": b"",
        "shop/old.py": b'"""Prices."""\n\n\ndef price(c):\n    return c\n\n\ndef label(c):\n    return c\n',
        "use.py": use.encode(),
    }
    root = plant(tmp_path / "root", tree)
    migrated = unmix(root, "migrate")
    assert migrated.code == 1
    assert "UNM010 `__doc__` speaks of the module shop.old itself" in migrated.errors
    assert (root / "use.py").read_text() == use
