"""Files in Python 2 syntax: what each becomes, to the byte, and which stay as they are.

Where there is a Python 2.7, every file that changes is run before and after, and must print the same.
"""

from __future__ import annotations

import glob
import logging
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from unmix.edit import apply_edits
from unmix.errors import UnreadableSource
from unmix.migration_file import read_migration
from unmix.python.engine import PythonEngine
from unmix.python.legacy import survey_legacy
from unmix.python.legacy_query import LegacyQuery
from unmix.python.legacy_syntax import read_legacy_syntax
from unmix.reference import Kind, Survey
from unmix.workspace import SourceFile, Workspace, memory_workspace

MIGRATION = """
[[split]]
module = "app.db.old"
[split.into]
"app.db.one" = ["Client", "alpha", "table"]
"app.db.two" = ["*"]
"""

ONE = b"class Client(object):\n    limit = 1\n\ndef alpha(a=0): return 'alpha'\n\ntable = {'limit': 2}\n"
TWO = b"class Failed(Exception): pass\n\ndef beta(): return 'beta'\n\nLIMIT = 3\n"
OLD = b"import json\n" + ONE + TWO
# What is beside the file in question: `names` and `json` are for implicit relative imports.
BESIDE = {
    "app/__init__.py": b"",
    "app/db/__init__.py": b"",
    "app/db/names.py": b"print_names = 1\n",
    "app/db/inner/__init__.py": b"",
    "app/web/__init__.py": b"",
    "app/web/json.py": b"mine = True\n",
}


def survey(
    folder: Path, data: bytes, path: str = "tool.py", more: str = "", beside: dict[str, bytes] | None = None
) -> tuple[SourceFile, Survey]:
    workspace = memory_workspace({**BESIDE, "app/db/old.py": OLD, **(beside or {}), path: data})
    place = folder / "unmix.toml"
    place.write_text(MIGRATION + more)
    migration, mistakes = read_migration(place)
    assert not mistakes
    engine = PythonEngine(migration)
    context = engine.memory.context(engine.relocations(migration.splits, workspace), workspace)
    file = workspace.read(path)
    return file, survey_legacy(file, context)


def rewritten(folder: Path, data: bytes, path: str = "tool.py", more: str = "") -> bytes:
    file, result = survey(folder, data, path, more)
    assert not result.findings
    written = apply_edits(file.text, result.edits)
    # All that was found is gone, a second run changes nothing.
    again, second = survey(folder, file.encode(written), path, more, {"app/db/one.py": ONE, "app/db/two.py": TWO})
    assert (second.edits, second.references) == ((), ())
    return again.encode(again.text)


@cache
def python2() -> str | None:
    """Find a Python 2.7 that runs; a version manager's shim need not."""
    found = [*glob.glob(os.path.expanduser("~/.pyenv/versions/2.7*/bin/python2.7")), shutil.which("python2.7") or ""]
    for program in filter(None, found):
        if subprocess.run([program, "-c", ""], capture_output=True, check=False).returncode == 0:
            return program
    return None


def output(folder: Path, files: dict[str, bytes], path: str) -> bytes:
    """Import the file at `path` with Python 2.7, and give what it prints."""
    for place, data in files.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_bytes(data)
    module = path.removesuffix("/__init__.py").removesuffix(".py").replace("/", ".")
    command = [python2() or "", "-B", "-c", f"import {module}"]
    result = subprocess.run(command, cwd=folder, capture_output=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr.decode()
    return result.stdout


CASES = {
    "names_of_both_parts": (
        "tool.py",
        b"from app.db.old import alpha, beta as b\nprint alpha(), b()\n",
        b"from app.db.one import alpha\nfrom app.db.two import beta as b\nprint alpha(), b()\n",
    ),
    "only_the_module_changes": (
        "tool.py",
        b"from  app.db.old  import  ( alpha )  # why\nprint alpha\\\n ()\n",
        b"from  app.db.one  import  ( alpha )  # why\nprint alpha\\\n ()\n",
    ),
    "comments_in_brackets": (
        "tool.py",
        b"from app.db.old import (\n    alpha,  # first\n    # above\n    beta,\n)\nprint `alpha()`, beta()\n",
        b"from app.db.one import (\n    alpha,  # first\n)\nfrom app.db.two import (\n    # above\n    beta,\n)\n"
        b"print `alpha()`, beta()\n",
    ),
    "pragma_is_repeated": (
        "tool.py",
        b"from app.db.old import alpha, beta  # noqa\nprint 1,\n",
        b"from app.db.one import alpha  # noqa\nfrom app.db.two import beta  # noqa\nprint 1,\n",
    ),
    "chain": (
        "tool.py",
        b"import app.db.old\nprint app.db.old.alpha(), app.db.old.beta()\n",
        b"import app.db.one\nimport app.db.two\nprint app.db.one.alpha(), app.db.two.beta()\n",
    ),
    "alias_kept_for_one_part": (
        "tool.py",
        b"import app.db.old as m\ntry: raise m.Failed, 'bad'\nexcept m.Failed, e: print e\n",
        b"import app.db.two as m\ntry: raise m.Failed, 'bad'\nexcept m.Failed, e: print e\n",
    ),
    "alias_for_both_parts": (
        "tool.py",
        b"import app.db.old as m\nprint >>__import__('sys').stdout, m.alpha(), `m.LIMIT`, m.LIMIT <> 4\n",
        b"import app.db.one as one\nimport app.db.two as two\n"
        b"print >>__import__('sys').stdout, one.alpha(), `two.LIMIT`, two.LIMIT <> 4\n",
    ),
    "module_from_package": (
        "tool.py",
        b"from app.db import old, names\nprint old.alpha(), names.print_names\n",
        b"from app.db import one, names\nprint one.alpha(), names.print_names\n",
    ),
    "module_from_package_with_alias": (
        "tool.py",
        b"from app.db import old as o\nexec 'x = f()' in {'f': o.beta}\nprint 0777, 10L.real\n",
        b"from app.db import two as o\nexec 'x = f()' in {'f': o.beta}\nprint 0777, 10L.real\n",
    ),
    "star": (
        "tool.py",
        b"from app.db.old import *\nprint alpha(), beta()\n",
        b"from app.db.one import *\nfrom app.db.two import *\nprint alpha(), beta()\n",
    ),
    "one_line_suite": (
        "tool.py",
        b"if 1: from app.db.old import alpha, beta; print alpha()\n",
        b"if 1: from app.db.one import alpha; from app.db.two import beta; print alpha()\n",
    ),
    "beside_others_on_a_line": (
        "tool.py",
        b"import os, app.db.old as m; x = 1\nprint m.alpha(), x\n",
        b"import os, app.db.one as m; x = 1\nprint m.alpha(), x\n",
    ),
    "in_function_with_tabs": (
        "tool.py",
        b"def f():\n\tfrom app.db.old import alpha, beta\n\tprint alpha(), beta()\nf()\n",
        b"def f():\n\tfrom app.db.one import alpha\n\tfrom app.db.two import beta\n\tprint alpha(), beta()\nf()\n",
    ),
    "tabs_and_blanks_mixed": (
        "tool.py",
        b"def f():\n    if 1:\n\tfrom app.db.old import alpha, beta\n        print alpha(), beta()\nf()\n",
        b"def f():\n    if 1:\n\tfrom app.db.one import alpha\n\tfrom app.db.two import beta\n"
        b"        print alpha(), beta()\n"
        b"f()\n",
    ),
    "in_try": (
        "tool.py",
        b"try:\n    from app.db.old import alpha\nexcept ImportError, e:\n    alpha = None\nprint alpha()\n",
        b"try:\n    from app.db.one import alpha\nexcept ImportError, e:\n    alpha = None\nprint alpha()\n",
    ),
    "windows_line_ends": (
        "tool.py",
        b"from app.db.old import alpha, beta\r\nprint alpha(), \\\r\n    beta()\r\n",
        b"from app.db.one import alpha\r\nfrom app.db.two import beta\r\nprint alpha(), \\\r\n    beta()\r\n",
    ),
    "latin_1": (
        "tool.py",
        b"# Ren\xe9 -*- coding: latin-1 -*-\nfrom app.db.old import alpha\nprint u'\xe9'.encode('latin-1'), alpha()\n",
        b"# Ren\xe9 -*- coding: latin-1 -*-\nfrom app.db.one import alpha\nprint u'\xe9'.encode('latin-1'), alpha()\n",
    ),
    "byte_order_mark": (
        "tool.py",
        b"\xef\xbb\xbffrom app.db.old import alpha\nprint alpha()\n",
        b"\xef\xbb\xbffrom app.db.one import alpha\nprint alpha()\n",
    ),
    "no_final_newline": (
        "tool.py",
        b"import app.db.old as m\nprint m.alpha()",
        b"import app.db.one as m\nprint m.alpha()",
    ),
    "first_line_is_code": (
        "tool.py",
        b"import encodings, app.db.old as m\nprint encodings.__name__, m.alpha()\n",
        b"import encodings, app.db.one as m\nprint encodings.__name__, m.alpha()\n",
    ),
    "strings": (
        "tool.py",
        b"print 'app.db.old.alpha', ur'app.db.old.beta', b'app.db.old.LIMIT', 'see app.db.old.alpha', '\\u12'\n",
        b"print 'app.db.one.alpha', ur'app.db.two.beta', b'app.db.two.LIMIT', 'see app.db.old.alpha', '\\u12'\n",
    ),
    "strings_with_escapes_and_lines": (
        "tool.py",
        b"x = '''\\N\n\\d''', 'a\\\nb'\nimport app.db.old as m; print m.alpha()\n",
        b"x = '''\\N\n\\d''', 'a\\\nb'\nimport app.db.one as m; print m.alpha()\n",
    ),
    "print_function": (
        "tool.py",
        b"from __future__ import print_function\nimport app.db.old as m\n"
        b"print(m.alpha(), sep='', end='\\n')\n`m.LIMIT`\n",
        b"from __future__ import print_function\nimport app.db.one as one\nimport app.db.two as two\n"
        b"print(one.alpha(), sep='', end='\\n')\n`two.LIMIT`\n",
    ),
    "bare_print": (
        "tool.py",
        b"import app.db.old as m\nif m.LIMIT: print\nprint; print m.LIMIT,\nprint>>None\n",
        b"import app.db.two as m\nif m.LIMIT: print\nprint; print m.LIMIT,\nprint>>None\n",
    ),
    "old_names_of_new_keywords": (
        "tool.py",
        b"True, False = 1, 0\nfrom app.db import old\ndef f(async=old.alpha): return async()\n"
        b"print f(async=old.alpha)\n",
        b"True, False = 1, 0\nfrom app.db import one\ndef f(async=one.alpha): return async()\n"
        b"print f(async=one.alpha)\n",
    ),
    "tuple_parameters": (
        "tool.py",
        b"import app.db.old as m\ndef f(a, (b, (c,))=(1, (m.LIMIT,)), *d): return b, c\n"
        b"print f(0), (lambda (k, v): v)((1, 2))\n",
        b"import app.db.two as m\ndef f(a, (b, (c,))=(1, (m.LIMIT,)), *d): return b, c\n"
        b"print f(0), (lambda (k, v): v)((1, 2))\n",
    ),
    "tuple_in_comprehension": (
        "tool.py",
        b"import app.db.old as m\nprint [x() for x in m.alpha, m.alpha if x], [f() for f in lambda: 1, lambda: 0]\n",
        b"import app.db.one as m\nprint [x() for x in m.alpha, m.alpha if x], [f() for f in lambda: 1, lambda: 0]\n",
    ),
    "except_into_tuple_and_attribute": (
        "tool.py",
        b"import app.db.old as m\nclass K: pass\ntry: raise m.Failed(1, 2)\nexcept m.Failed, (a, b): print a, b\n"
        b"try: raise m.Failed, 3\nexcept (m.Failed, KeyError), K.e: print K.e\n",
        b"import app.db.two as m\nclass K: pass\ntry: raise m.Failed(1, 2)\nexcept m.Failed, (a, b): print a, b\n"
        b"try: raise m.Failed, 3\nexcept (m.Failed, KeyError), K.e: print K.e\n",
    ),
    "merely_imported": (
        "tool.py",
        b"from app.db.old import json, alpha\nprint json.dumps(1), alpha()\n",
        b"import json\nfrom app.db.one import alpha\nprint json.dumps(1), alpha()\n",
    ),
    # Imports of the package's own modules, without dots.
    "implicit_from": (
        "app/db/tool.py",
        b"from old import alpha, beta\nprint alpha(), beta()\n",
        b"from one import alpha\nfrom two import beta\nprint alpha(), beta()\n",
    ),
    "implicit_from_keeps_layout": (
        "app/db/tool.py",
        b"from  old import ( alpha ) # why\nprint alpha()\n",
        b"from  one import ( alpha ) # why\nprint alpha()\n",
    ),
    "implicit_brackets": (
        "app/db/tool.py",
        b"from old import (  # from x\n    alpha,\n    beta,  # second\n)\nprint alpha(), beta()\n",
        b"from one import (  # from x\n    alpha,\n)\nfrom two import (  # from x\n    beta,  # second\n)\n"
        b"print alpha(), beta()\n",
    ),
    "implicit_module": (
        "app/db/tool.py",
        b"import old\nprint old.alpha(), old.beta()\n",
        b"import one, two\nprint one.alpha(), two.beta()\n",
    ),
    "implicit_module_with_alias": (
        "app/db/tool.py",
        b"def f():\n\timport old as m  # here\n\tprint m.alpha()\nf()\n",
        b"def f():\n\timport one as m  # here\n\tprint m.alpha()\nf()\n",
    ),
    "implicit_among_others": (
        "app/db/tool.py",
        b"import os, old, sys, names, json as j; x = 2\nprint old.alpha(), old.LIMIT, names.print_names, j.dumps(x)\n",
        b"import os, one, two, sys, names, json as j; x = 2\n"
        b"print one.alpha(), two.LIMIT, names.print_names, j.dumps(x)\n",
    ),
    "implicit_star": (
        "app/db/tool.py",
        b"from old import *\nprint alpha(), beta()\n",
        b"from one import *\nfrom two import *\nprint alpha(), beta()\n",
    ),
    "implicit_from_above": (
        "app/tool.py",
        b"import db.old as m\nfrom db.old import beta\nfrom db import old\nprint m.alpha(), beta(), old.LIMIT\n",
        b"import db.one as m\nfrom db.two import beta\nfrom db import two\nprint m.alpha(), beta(), two.LIMIT\n",
    ),
    "implicit_in_init": (
        "app/db/__init__.py",
        b"from old import alpha\nprint alpha()\n",
        b"from one import alpha\nprint alpha()\n",
    ),
    "explicit_relative": (
        "app/db/inner/tool.py",
        b"from ..old import alpha\nfrom .. import old as m\nfrom ...db import old\nprint alpha(), m.LIMIT, old.LIMIT\n",
        b"from ..one import alpha\nfrom .. import two as m\nfrom ...db import two\nprint alpha(), m.LIMIT, two.LIMIT\n",
    ),
    "absolute_by_declaration": (
        "app/web/tool.py",
        b"from __future__ import absolute_import\nfrom app.db.old import json\nprint json.dumps(1)\n",
        b"from __future__ import absolute_import\nimport json\nprint json.dumps(1)\n",
    ),
    # Names that hide the module.
    "parameter_hides": (
        "tool.py",
        b"import app.db.old as old\nprint old.alpha()\ndef f(old): print old.alpha\ndef g((a, old)): return old.beta\n",
        b"import app.db.one as one\nprint one.alpha()\ndef f(old): print old.alpha\ndef g((a, old)): return old.beta\n",
    ),
    "locals_hide": (
        "tool.py",
        b"from app.db import old\nprint old.alpha()\ndef f():\n    for old in (): print old.beta\n"
        b"def g():\n    try: pass\n    except Exception, old: print old.beta\n"
        b"def h():\n    with open('x') as old: print old.beta\n"
        b"def i():\n    try: pass\n    except KeyError, (a, old): print old.beta\n",
        b"from app.db import one\nprint one.alpha()\ndef f():\n    for old in (): print old.beta\n"
        b"def g():\n    try: pass\n    except Exception, old: print old.beta\n"
        b"def h():\n    with open('x') as old: print old.beta\n"
        b"def i():\n    try: pass\n    except KeyError, (a, old): print old.beta\n",
    ),
    "comprehensions_hide": (
        "tool.py",
        b"from app.db import old\nprint old.alpha(), list(old for old in (1,)), (lambda old: old)(2)\n"
        b"def f():\n    [old for old in (old,)]; return old.beta\n",
        b"from app.db import one\nprint one.alpha(), list(old for old in (1,)), (lambda old: old)(2)\n"
        b"def f():\n    [old for old in (old,)]; return old.beta\n",
    ),
    "class_attribute_is_no_hiding": (
        "tool.py",
        b"from app.db import old\nclass K:\n    old = 'own'\n"
        b"    def f(self): return old.alpha() + self.old\nprint K().f()\n",
        b"from app.db import one\nclass K:\n    old = 'own'\n"
        b"    def f(self): return one.alpha() + self.old\nprint K().f()\n",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_file_is_rewritten(name: str, tmp_path: Path) -> None:
    path, before, after = CASES[name]
    assert rewritten(tmp_path, before, path) == after


@pytest.mark.parametrize("name", CASES)
@pytest.mark.skipif(python2() is None, reason="no Python 2.7 here")
def test_file_says_the_same_under_python_2(name: str, tmp_path: Path) -> None:
    path, before, _ = CASES[name]
    after = rewritten(tmp_path, before, path)
    printed = output(tmp_path / "before", {**BESIDE, "app/db/old.py": OLD, path: before}, path)
    printed_after = output(
        tmp_path / "after", {**BESIDE, "app/db/one.py": ONE, "app/db/two.py": TWO, path: after}, path
    )
    if name == "strings":
        printed = printed.replace(b"old.alpha app.db.old.beta app.db.old", b"one.alpha app.db.two.beta app.db.two")
    assert printed_after == printed


@pytest.mark.parametrize(
    "before",
    [
        b"import old\nprint old.alpha()\n",
        b"from app.web.old import alpha\nprint alpha()\n",
        b"def f(app): print app.db.old.alpha\n",
        b"print 'app.db.oldest', 'app/db/old', 'in app.db.old'\n",
        b"import logging; print logging.getLogger('app.db.old')\n",
        b"class K:\n    def alpha(self): print self.alpha, K.alpha\n",
    ],
)
def test_other_names_stay(before: bytes, tmp_path: Path) -> None:
    _, result = survey(tmp_path, before)
    assert (result.edits, result.references, result.findings) == ((), (), ())


@pytest.mark.parametrize(
    ("path", "before", "place", "reason"),
    [
        ("tool.py", b"import app.db.old as m\nprint m\nprint m.alpha\n", (2, 7), "cannot be followed"),
        ("tool.py", b"import app.db.old as m\nprint 1, `m`\n", (2, 11), "cannot be followed"),
        ("tool.py", b"import app.db.old as m\nexec 'x' in m.__dict__\n", (2, 13), "speaks of the module"),
        ("tool.py", b"import app.db.old as m\nm = m or 1\nprint m.alpha, m.beta\n", (2, 5), "cannot be followed"),
        ("tool.py", b"from app.db import old\nold = 1\nprint old.alpha, old.beta\n", (1, 1), "several places"),
        ("tool.py", b"import app.db.old as m\nprint m.alpha()\nexec 'm.beta()'\n", (3, 1), "`exec` runs text"),
        ("app/tool.py", b"import db.old\nprint db.old.alpha()\n", (1, 8), "does not bind it"),
        ("app/tool.py", b"import os, db.old\nprint 1\n", (1, 12), "does not bind it"),
        ("app/web/tool.py", b"from app.db.old import json\nprint json\n", (1, 1), "would mean another module"),
        ("tool.py", b"import app.db.old as m\nprint m.alpha\nopen('app.db.old')\nprint 1\nm[0]\n", (5, 1), "followed"),
    ],
)
def test_uncertain_file_stays_with_the_reason(
    path: str, before: bytes, place: tuple[int, int], reason: str, tmp_path: Path
) -> None:
    _, result = survey(tmp_path, before, path)
    assert result.edits == ()
    assert result.references
    assert all(finding.code == "UNM010" for finding in result.findings)
    assert [(f.line, f.column) for f in result.findings if reason in f.message] == [place]


@pytest.mark.parametrize(
    ("before", "line"),
    [
        (b"print 1\ndef f(:\n", 2),
        (b"print 'one\n", 1),
        (b"print 1\nx = '''\n", 0),
        (b"x = (\n", 0),
        (b"match x:\n    case 1: pass\n", 1),
        (b"if 1:\n    print 1\n  print 2\n", 3),
        (b"print 1\nprint f'{a!r:{'\n", 0),
        (b"def f(x): pass\nx = = 1\n", 2),
        (b"(" * 3000 + b"print" + b")" * 3000, 0),
    ],
)
def test_file_that_nothing_reads_is_refused(
    before: bytes, line: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UnreadableSource, match="cannot be parsed") as caught:
        survey(tmp_path, before + b"# app.db.old\n")
    assert not line or caught.value.line == line
    assert capfd.readouterr() == ("", "")


def test_places_are_those_of_the_file(tmp_path: Path) -> None:
    before = b"from app.db import old\nprint >>None, 0777L, `old.alpha()`; x = ur'app.db.old.beta'; y = old.LIMIT\n"
    file, result = survey(tmp_path, before)
    found = [(r.kind, r.code, r.line, r.column, file.text[r.start : r.end], r.new) for r in result.references]
    assert found == [
        (Kind.IMPORT, "UNM001", 1, 20, "old", "app.db.one, app.db.two"),
        (Kind.CALL, "UNM002", 2, 23, "old.alpha", "app.db.one.alpha"),
        (Kind.DOTTED_STRING, "UNM003", 2, 41, "ur'app.db.old.beta'", "app.db.two.beta"),
        (Kind.ATTRIBUTE, "UNM002", 2, 66, "old.LIMIT", "app.db.two.LIMIT"),
    ]


def test_missing_name_is_found(tmp_path: Path) -> None:
    _, result = survey(tmp_path, b"from app.db.old import alpha, gone\nprint alpha\n")
    assert result.edits == ()
    assert [(f.code, f.line, f.column) for f in result.findings] == [("UNM004", 1, 31)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"from old import alpha, beta\nprint 1\n", b"from app.web.two import beta\nfrom one import alpha\nprint 1\n"),
        (
            b"import os, old as m\nprint m.beta, `m.LIMIT`\n",
            b"import os; from app.web import two as m\nprint m.beta, `m.LIMIT`\n",
        ),
    ],
)
def test_part_in_another_package_is_named_in_full(
    before: bytes, after: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[__name__], "MIGRATION", MIGRATION.replace("app.db.two", "app.web.two"))
    file, result = survey(tmp_path, before, "app/db/tool.py")
    assert file.encode(apply_edits(file.text, result.edits)) == after


REPLACE = """
[[replace]]
call = "app.db.one.alpha($a)"
with = "app.db.two.beta($a)"
"""


def test_replaced_call_keeps_arguments_of_python_2(tmp_path: Path) -> None:
    before = b"from app.db.old import alpha\nprint alpha(`0777`)\n"
    assert rewritten(tmp_path, before, more=REPLACE) == b"from app.db.two import beta\nprint beta(`0777`)\n"


def test_replaced_call_whose_arguments_would_move_stays(tmp_path: Path) -> None:
    more = REPLACE.replace("beta($a)", "beta(1, $a)")
    _, result = survey(tmp_path, b"from app.db.old import alpha\nprint alpha(`0777`)\n", more=more)
    assert result.edits == ()
    assert [(f.code, f.line, f.column) for f in result.findings] == [("UNM010", 2, 7)]
    _, result = survey(tmp_path, b"from app.db.old import alpha\nprint alpha(2)\n", more=more)
    assert apply_edits("from app.db.old import alpha\nprint alpha(2)\n", result.edits) == (
        "from app.db.two import beta\nprint beta(1, 2)\n"
    )


def test_bowler_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copies = tmp_path / "copies"
    copies.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(copies))
    loggers = [logging.getLogger(name) for name in ("RefactoringTool", "bowler")]
    read_legacy_syntax("a.py", "print 1\n")
    with pytest.raises(UnreadableSource):
        read_legacy_syntax("a.py", "print (\n")
    assert list(copies.iterdir()) == []
    assert all(logger.propagate and not logger.handlers for logger in loggers)


def test_bowler_is_imported_only_when_needed() -> None:
    code = "import sys, unmix.python.legacy; print('bowler' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"


def test_workspace_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "tool.py").write_bytes(b"from app.db.old import alpha\nprint alpha()\n")
    survey(tmp_path, (tmp_path / "tool.py").read_bytes())
    assert (tmp_path / "tool.py").read_bytes() == b"from app.db.old import alpha\nprint alpha()\n"
    assert isinstance(memory_workspace({}), Workspace)


class Unpicklable(Exception):
    """What some libraries make of every exception: one that no other process can be told."""

    def __reduce__(self) -> str:
        raise RecursionError


def test_an_exception_that_cannot_be_pickled_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    from bowler.tool import BowlerTool

    def fail(*_: object) -> None:
        raise Unpicklable("too deep")

    monkeypatch.setattr(BowlerTool, "refactor_file", fail)
    with pytest.raises(UnreadableSource, match="not as Python 2 either"):
        LegacyQuery("a.py", "print 1\n").run()
