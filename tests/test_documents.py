from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from relocated import context, rewritten, said, source
from unmix.edit import apply_edits
from unmix.finding import Severity
from unmix.python.documents import survey_document
from unmix.reference import Kind


def survey_twice(path: str, before: str) -> tuple[str, list[str]]:
    """Give the text after a survey's edits and the findings; a second survey must edit nothing."""
    survey = survey_document(source(path, before), context())
    after = rewritten(before, survey)
    assert survey_document(source(path, after), context()).edits == ()
    return after, said(survey)


REWRITTEN = {
    "sphinx_roles": (
        "api.rst",
        "See :func:`~app.db.old.with_retry`, :class:`a client <app.db.old.Client>`, :meth:`app.db.old.Client.query()`.",
        "See :func:`~app.db.retry.with_retry`, :class:`a client <app.db.client.Client>`, "
        ":meth:`app.db.client.Client.query()`.",
    ),
    "autofunction": (
        "api.rst",
        ".. autofunction:: app.db.old.with_retry\n.. autoclass:: app.db.old.Client\n   :members:\n",
        ".. autofunction:: app.db.retry.with_retry\n.. autoclass:: app.db.client.Client\n   :members:\n",
    ),
    "automodule_with_options": (
        "api.rst",
        "API\n===\n\n.. automodule:: app.db.old\n   :members:\n   :undoc-members:\n\n   More of it.\n\nEnd.\n",
        "API\n===\n\n.. automodule:: app.db.client\n   :members:\n   :undoc-members:\n\n"
        ".. automodule:: app.db.retry\n   :members:\n   :undoc-members:\n\n   More of it.\n\nEnd.\n",
    ),
    "automodule_with_named_members": (
        "api.rst",
        ".. automodule:: app.db.old\n   :members: with_retry, Client, connect\n",
        ".. automodule:: app.db.client\n   :members: Client, connect\n\n"
        ".. automodule:: app.db.retry\n   :members: with_retry\n",
    ),
    "automodule_with_members_of_one_part": (
        "api.rst",
        ".. automodule:: app.db.old\n   :members: Config",
        ".. automodule:: app.db.retry\n   :members: Config",
    ),
    "automodule_in_a_list_item_without_line_end": (
        "api.rst",
        "  .. automodule:: app.db.old",
        "  .. automodule:: app.db.client\n\n  .. automodule:: app.db.retry",
    ),
    "automodule_crlf": (
        "api.rst",
        ".. automodule:: app.db.old\r\n   :members:\r\nEnd\r\n",
        ".. automodule:: app.db.client\r\n   :members:\r\n\r\n.. automodule:: app.db.retry\r\n   :members:\r\nEnd\r\n",
    ),
    "automodule_in_myst": (
        "api.md",
        "```{automodule} app.db.old\n:members:\n```\n\nEnd.\n",
        "```{automodule} app.db.client\n:members:\n```\n\n```{automodule} app.db.retry\n:members:\n```\n\nEnd.\n",
    ),
    "mkdocstrings": (
        "api.md",
        "# API\n\n::: app.db.old\n    options:\n      show_root_heading: true\n\n::: app.db.old.Client\n",
        "# API\n\n::: app.db.client\n    options:\n      show_root_heading: true\n\n"
        "::: app.db.retry\n    options:\n      show_root_heading: true\n\n::: app.db.client.Client\n",
    ),
    "mkdocstrings_links": (
        "index.md",
        "See [retrying][app.db.old.with_retry] and [Config](api.md#app.db.old.Config).",
        "See [retrying][app.db.retry.with_retry] and [Config](api.md#app.db.retry.Config).",
    ),
    "several_in_a_line_and_ends_of_sentences": (
        "README",
        "Not app.db.old.Client but app.db.old.with_retry. Or app.db.old.connect(), app.db.old.json?\n",
        "Not app.db.client.Client but app.db.retry.with_retry. Or app.db.client.connect(), app.db.retry.json?\n",
    ),
    "title_keeps_its_rule": (
        "api.rst",
        "====================\napp.db.old.connect()\n====================\n\napp.db.old.Config\n-----------------\n",
        "=======================\napp.db.client.connect()\n=======================\n\n"
        "app.db.retry.Config\n-------------------\n",
    ),
    "grid_table_keeps_its_columns": (
        "api.rst",
        "+-------------------------+---+\n| `app.db.old.connect`    | a |\n+-------------------------+---+\n",
        "+-------------------------+---+\n| `app.db.client.connect` | a |\n+-------------------------+---+\n",
    ),
    "simple_table_keeps_its_columns": (
        "api.rst",
        "====================== ==================\nname                   again\n"
        "====================== ==================\napp.db.old.connect     app.db.old.connect\n"
        "====================== ==================\n",
        "====================== ==================\nname                   again\n"
        "====================== ==================\napp.db.client.connect  app.db.client.connect\n"
        "====================== ==================\n",
    ),
    "fenced_python": (
        "guide.md",
        "Text\n\n```python title='x'\nfrom app.db.old import Client, with_retry\n\nClient()\n```\nEnd\n",
        "Text\n\n```python title='x'\nfrom app.db.client import Client\nfrom app.db.retry import with_retry\n\n"
        "Client()\n```\nEnd\n",
    ),
    "fenced_python_in_a_list": (
        "guide.md",
        "1. So:\n\n   ~~~~ {.python}\n   from app.db.old import (\n       Client,\n       Config,\n   )\n\n"
        "   def f():\n       from app.db.old import connect, Config\n   ~~~~\n",
        "1. So:\n\n   ~~~~ {.python}\n   from app.db.client import Client\n   from app.db.retry import Config\n\n"
        "   def f():\n       from app.db.client import connect\n       from app.db.retry import Config\n   ~~~~\n",
    ),
    "fenced_python_in_a_quotation": (
        "guide.md",
        "> ```py\n> from app.db.old import Client, Config\n> ```\n",
        "> ```py\n> from app.db.client import Client\n> from app.db.retry import Config\n> ```\n",
    ),
    "fence_without_a_language": (
        "guide.md",
        "```\nfrom app.db.old import Client, Config\n```\n",
        "```\nfrom app.db.client import Client\nfrom app.db.retry import Config\n```\n",
    ),
    "block_uses_what_an_earlier_one_imported": (
        "guide.md",
        "```python\nfrom app.db import old\n```\n\nThen\n\n```python\nold.connect()\n```\n",
        "```python\nfrom app.db import client\n```\n\nThen\n\n```python\nclient.connect()\n```\n",
    ),
    "blocks_on_their_own": (
        "guide.md",
        "```python\nfrom app.db import old\nold.connect()\n```\n\nOr\n\n```python\nfrom app.db import old\n"
        "old.Config()\n```\n",
        "```python\nfrom app.db import client\nclient.connect()\n```\n\nOr\n\n"
        "```python\nfrom app.db import retry\nretry.Config()\n```\n",
    ),
    "comments_in_code": (
        "guide.md",
        "```python\n# see app.db.old.Config\nfrom app.db.old import connect\n\napp.db.old.connect()\n```\n",
        "```python\n# see app.db.retry.Config\nfrom app.db.client import connect\n\napp.db.client.connect()\n```\n",
    ),
    "broken_python": (
        "guide.md",
        "```python\nfrom app.db.old import connect\nconnect(…) {\n```\n",
        "```python\nfrom app.db.client import connect\nconnect(…) {\n```\n",
    ),
    "doctest": (
        "guide.rst",
        "Like\n\n    >>> from app.db.old import Client, Config\n    >>> def f():\n    ...     Client()\n"
        "    ...\n    >>> 1\n    1\n",
        "Like\n\n    >>> from app.db.client import Client\n    >>> from app.db.retry import Config\n"
        "    >>> def f():\n    ...     Client()\n    ...\n    >>> 1\n    1\n",
    ),
    "doctest_one_name_a_line": (
        "guide.rst",
        ">>> from app.db.old import (\n...     Client,\n...     connect,\n...     Config,  # it\n... )\n"
        ">>> Client\n<class 'x'>\n",
        ">>> from app.db.client import (\n...     Client,\n...     connect,\n... )\n"
        ">>> from app.db.retry import (\n...     Config,  # it\n... )\n>>> Client\n<class 'x'>\n",
    ),
    "pycon": (
        "guide.md",
        "```pycon\n>>> import app.db.old as o\n>>> o.connect()\n<Client>\n```\n",
        "```pycon\n>>> import app.db.client as o\n>>> o.connect()\n<Client>\n```\n",
    ),
    "code_block": (
        "guide.rst",
        ".. code-block:: python\n   :linenos:\n\n   from app.db.old import Client, Config\n\n   Client()\n\nEnd\n",
        ".. code-block:: python\n   :linenos:\n\n   from app.db.client import Client\n"
        "   from app.db.retry import Config\n\n"
        "   Client()\n\nEnd\n",
    ),
    "literal_block": (
        "guide.rst",
        "Do this::\n\n\timport app.db.old\n\tapp.db.old.connect()\n\nEnd app.db.old.Config\n",
        "Do this::\n\n\timport app.db.client\n\tapp.db.client.connect()\n\nEnd app.db.retry.Config\n",
    ),
    "asciidoc": (
        "guide.adoc",
        "[source,python]\n----\nfrom app.db.old import Client, Config\n----\n",
        "[source,python]\n----\nfrom app.db.client import Client\nfrom app.db.retry import Config\n----\n",
    ),
    "crlf_code_without_line_end": (
        "guide.md",
        "```python\r\nfrom app.db.old import Client, Config\r\n```\r\nand app.db.old.Config",
        "```python\r\nfrom app.db.client import Client\r\nfrom app.db.retry import Config\r\n```\r\n"
        "and app.db.retry.Config",
    ),
    "unclosed_fence": (
        "guide.md",
        "```python\nfrom app.db.old import Client, Config",
        "```python\nfrom app.db.client import Client\nfrom app.db.retry import Config",
    ),
    "quoted_imports": (
        "guide.md",
        "Write `from app.db.old import Config, with_retry`, and then go on.",
        "Write `from app.db.retry import Config, with_retry`, and then go on.",
    ),
    "python_m": (
        "run.md",
        "Run `python3.12 -X dev -m app.db.old --help`.",
        "Run `python3.12 -X dev -m app.db.client --help`.",
    ),
    "entry_points": (
        "pyproject.toml",
        '[project.scripts]\nrun = "app.db.old:main"  # app.db.old.main\n\n[project.entry-points."x"]\n'
        'q = "app.db.old:Client.query [fast]"\n',
        '[project.scripts]\nrun = "app.db.client:main"  # app.db.client.main\n\n[project.entry-points."x"]\n'
        'q = "app.db.client:Client.query [fast]"\n',
    ),
    "setup_cfg": (
        "setup.cfg",
        "[options.entry_points]\nconsole_scripts =\n    run = app.db.old:main\n    retry=app.db.old:with_retry\n",
        "[options.entry_points]\nconsole_scripts =\n    run = app.db.client:main\n    retry=app.db.retry:with_retry\n",
    ),
    "logging_yaml": (
        "logging.yaml",
        "handlers:\n  x:\n    (): app.db.old.Client\nloggers:\n  app.db.old:\n    level: INFO\n"
        "  'app.db.old.Client': {}\n",
        "handlers:\n  x:\n    (): app.db.client.Client\nloggers:\n  app.db.old:\n    level: INFO\n"
        "  'app.db.old.Client': {}\n",
    ),
    "logging_ini": (
        "logging.ini",
        "[loggers]\nkeys=root,app.db.old\n[logger_app.db.old]\nqualname = app.db.old\n[handler_x]\n"
        "class=app.db.old.Client\n",
        "[loggers]\nkeys=root,app.db.old\n[logger_app.db.old]\nqualname = app.db.old\n"
        "[handler_x]\nclass=app.db.client.Client\n",
    ),
    "logging_json": (
        "logging.json",
        '{"logging": {"loggers": {"app.db.old": {"level": "INFO"}},\n'
        ' "h": {"()": "app.db.old.Client"}}, "logger": "app.db.old"}',
        '{"logging": {"loggers": {"app.db.old": {"level": "INFO"}},\n'
        ' "h": {"()": "app.db.client.Client"}}, "logger": "app.db.old"}',
    ),
    "logging_toml": (
        "settings.toml",
        'logger_names = [\n  "app.db.old",\n]\n[a.loggers."app.db.old"]\nclass = "app.db.old.Client"\n',
        'logger_names = [\n  "app.db.old",\n]\n[a.loggers."app.db.old"]\nclass = "app.db.client.Client"\n',
    ),
    "dockerfile": (
        "Dockerfile",
        'ENV LEVELS=app.db.old=DEBUG\nRUN gunicorn app.db.old:main\nCMD ["python", "-m", "app.db.old"]\n',
        'ENV LEVELS=app.db.old=DEBUG\nRUN gunicorn app.db.client:main\nCMD ["python", "-m", "app.db.client"]\n',
    ),
    "makefile": (
        "Makefile",
        "run:\n\tpython -c 'from app.db.old import main; main()'\n\tpython -m app.db.old\n",
        "run:\n\tpython -c 'from app.db.client import main; main()'\n\tpython -m app.db.client\n",
    ),
    "undotted_module": (
        "guide.md",
        "Use `solo.alpha` or solo:beta; solo is a word, solo.else and solo.html are none of it.",
        "Use `solo_a.alpha` or solo_b:beta; solo is a word, solo.else and solo.html are none of it.",
    ),
}


@pytest.mark.parametrize("case", REWRITTEN)
def test_names_move_to_the_part_that_holds_them(case: str) -> None:
    path, before, expected = REWRITTEN[case]
    after, findings = survey_twice(path, before)
    assert after == expected
    assert findings == []


ASKED = {
    "module_in_prose": (
        "guide.md",
        "Uses `app.db.old`, see app.db.old.\n",
        ["1:7 UNM010 app.db.old", "1:24 UNM010 app.db.old"],
    ),
    "module_imported_in_prose": ("guide.md", "Write `from app.db import x, old`.", ["1:30 UNM010 app.db.old"]),
    "names_of_both_parts": ("a.md", "`from app.db.old import Client, Config`", ["1:7 UNM010 app.db.old"]),
    "unknown_name_in_prose": ("guide.md", "See app.db.old.nothing.", ["1:5 UNM010 app.db.old.nothing"]),
    "unknown_name_in_config": ("a.toml", 'x = "app.db.old:nothing"', ["1:6 UNM003 app.db.old.nothing"]),
    "module_in_config": ("a.toml", '[[tool.mypy.overrides]]\nmodule = "app.db.old.*"', ["2:11 UNM010 app.db.old"]),
    "module_as_a_value": ("a.yaml", "plugins:\n- app.db.old\nlevels: x\n", ["2:3 UNM010 app.db.old"]),
    "currentmodule": ("a.rst", ".. currentmodule:: app.db.old\n\n.. autofunction:: main\n", ["1:20 UNM010 app.db.old"]),
    "paths": (
        "guide.md",
        "`src/app/db/old.py`, [it](../src/app/db/old.py#L3) or app/db/old.py::f",
        ["1:2 UNM010 app.db.old", "1:30 UNM010 app.db.old", "1:55 UNM010 app.db.old"],
    ),
    "paths_in_config": (
        "a.yml",
        "files: [app/db/old.py, '/src/app/db/old.py']",
        ["1:9 UNM010 app.db.old", "1:26 UNM010 app.db.old"],
    ),
    "web_address": (
        "a.md",
        "https://docs.example/x.html#app.db.old.Client https://git.example/blob/main/src/app/db/old.py",
        ["1:29 UNM010 app.db.old", "1:77 UNM010 app.db.old"],
    ),
    "module_passed_on_in_code": (
        "a.md",
        "```python\nimport app.db.old as o\nprint(o)  # app.db.old.Client\n```\n",
        ["3:7 UNM010 app.db.old"],
    ),
    "narrow_table": (
        "a.rst",
        "+--------------------+---+\n| app.db.old.connect | a |\n+--------------------+---+\n",
        ["2:3 UNM010 "],
    ),
    "unknown_name_in_code": (
        "a.md",
        "```python\nfrom app.db.old import nothing\n```\n",
        ["2:24 UNM010 app.db.old.nothing"],
    ),
    "undotted_module": ("a.md", "The `solo` module, `solo.gamma`.", ["1:6 UNM010 solo", "1:21 UNM010 solo.gamma"]),
}


@pytest.mark.parametrize("case", ASKED)
def test_what_cannot_be_known_is_asked_and_left(case: str) -> None:
    path, text, expected = ASKED[case]
    after, findings = survey_twice(path, text)
    assert after == text
    assert findings == expected


UNTOUCHED = {
    "longer_names": (
        "a.md",
        "other.app.db.old.Client app.db.old_more.Client my-app.db.old.Client app.db.older app.db.ol",
    ),
    "files_of_that_name": ("a.md", "docs/app.db.old.Client build/app.db.old.html app.db.old.rst"),
    "other_paths": ("a.md", "lib/app/db/old.py app/db/old.pyc my-app/db/old.py app/db/older.py"),
    "changelog": ("CHANGELOG.md", "Added app.db.old.Client in `app/db/old.py`.\n```python\nimport app.db.old\n```\n"),
    "changes": ("docs/changes.rst", "app.db.old.Client"),
    "history": ("HISTORY", "app.db.old.Client"),
    "release_notes": ("docs/release-notes/2.1.md", "app.db.old.Client"),
    "release_notes_of_a_version": ("release_notes-2.1.md", "app.db.old.Client"),
    "news_fragment": ("newsfragments/12.rst", "app.db.old.Client"),
    "migration_file": ("unmix.toml", '[[split]]\nmodule = "app.db.old"\n"app.db.old.Client" = ["app/db/old.py"]\n'),
    "migration_file_of_another_name": (
        "moves/db.toml",
        '[[split]]\nmodule = "app.db.old"\n[split.into]\n"app.db.client" = ["Client"]\n'
        '[[replace]]\ncall = "app.db.old.connect()"\n',
    ),
    "migration_in_pyproject": (
        "pyproject.toml",
        '[[tool.unmix.split]]\nmodule = "app.db.old"\n[tool.unmix.split.into]\n"app.db.client" = ["Client"]\n'
        '[[tool.unmix.replace]]\ncall = "app.db.old.connect()"\n',
    ),
    "loggers_in_prose": ("a.md", "The `app.db.old` logger; the logger app.db.old; `getLogger('app.db.old')`."),
    "loggers_in_code": ("a.md", "```python\nlogging.getLogger('app.db.old').setLevel(1)\n```\n"),
    "loggers_in_an_example": ("a.md", "```yaml\nloggers:\n  app.db.old:\n    level: INFO\n```\n"),
    "loggers_in_a_list": (
        "a.yaml",
        "loggers:\n- name: app.db.old\n  level: x\n- app.db.old\nlog_levels: {app.db.old: info}\n",
    ),
    "answers_of_a_session": ("a.rst", ">>> x\n'y'\n"),
}


@pytest.mark.parametrize("case", UNTOUCHED)
def test_what_is_no_reference_is_left_alone(case: str) -> None:
    path, text = UNTOUCHED[case]
    survey = survey_document(source(path, text), context())
    assert (survey.references, survey.edits, survey.findings) == ((), (), ())


def test_references_say_where_what_and_whither() -> None:
    text = "# T\n\n:class:`app.db.old.Client.x`\n"
    (reference,) = survey_document(source("docs/a.md", text), context()).references
    assert (reference.line, reference.column, text[reference.start : reference.end]) == (3, 9, "app.db.old.Client")
    assert (reference.kind, reference.code) == (Kind.DOCUMENTATION, "UNM003")
    assert (reference.old, reference.new) == ("app.db.old.Client", "app.db.client.Client")
    (reference,) = survey_document(source("a.toml", 'a = "app.db.old:Client"'), context()).references
    assert (reference.kind, reference.code, reference.new) == (Kind.CONFIG, "UNM003", "app.db.client.Client")
    text = "```py\nfrom app.db.old import Config as C\n```\n"
    (reference,) = survey_document(source("a.md", text), context()).references
    assert (reference.kind, reference.code, reference.line, reference.column) == (Kind.DOCUMENTATION, "UNM001", 2, 24)


def test_findings_in_prose_are_warnings() -> None:
    survey = survey_document(source("a.md", "`app.db.old` app.db.old.nothing app/db/old.py"), context())
    assert [finding.severity for finding in survey.findings] == [Severity.WARNING] * 3


FRAGMENTS = st.sampled_from(
    (
        *(
            "app.db.old",
            ".Client",
            ".with_retry",
            ":main",
            ".nothing",
            "app/db/old.py",
            "solo.alpha",
            "from ",
            " import ",
        ),
        *(
            "import ",
            " as o",
            "o.connect()",
            "Client, Config",
            "(",
            ")",
            "\\",
            "'",
            '"',
            "`",
            "|",
            "+--+",
            "====",
            "== ==",
        ),
        *("\n", "\n", "\r\n", "\n\n", "    ", "   ", "\t", " ", "> ", "- ", ">>> ", "... ", "::", ".. automodule:: "),
        *(
            ".. code-block:: python",
            ":members: ",
            "::: ",
            "```python",
            "```",
            "```{automodule} ",
            "~~~",
            "[source,python]",
        ),
        *(
            "----",
            "loggers:",
            "[loggers]",
            "qualname=",
            '{"loggers": ',
            "}",
            "]",
            "[",
            "# ",
            "é",
            "\u2028",
            "\x0c",
            "\0",
        ),
        *("\ud800", "def f():", "x = ", "if x:", "python -m ", "https://a.b/", "\r"),
    )
)


@given(
    st.lists(FRAGMENTS | st.text(max_size=3), max_size=40).map("".join),
    st.sampled_from(("a.md", "a.rst", "a.txt", "a.adoc", "a.yaml", "a.json", "a.toml", "a.ini", "Makefile")),
)
@example("```\nimport app.db.old\\", "a.md")
def test_any_text_is_surveyed_and_changed_inside_the_spans_only(text: str, path: str) -> None:
    survey = survey_document(source(path, text), context())
    assert rewritten(text, survey) == apply_edits(text, reversed(survey.edits))
    kept = 0
    for edit in survey.edits:
        assert kept <= edit.start <= edit.end <= len(text)
        kept = edit.end
    again = apply_edits(text, survey.edits)
    if path.endswith((".yaml", ".json", ".toml", ".ini")):
        assert again.count("\n") == text.count("\n")
    assert survey_document(source(path, text), context()) == survey


@given(st.lists(FRAGMENTS, max_size=30).map("".join))
def test_line_ends_of_windows_change_nothing_else(text: str) -> None:
    text = text.replace("\r", "")
    survey = survey_document(source("a.md", text), context())
    windows = text.replace("\n", "\r\n")
    changed = apply_edits(windows, survey_document(source("a.md", windows), context()).edits)
    assert changed == apply_edits(text, survey.edits).replace("\n", "\r\n")
