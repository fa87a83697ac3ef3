from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relocated import context, rewritten, said, source
from unmix.edit import apply_edits
from unmix.errors import UnreadableSource
from unmix.python import json_text
from unmix.python.notebooks import survey_notebook
from unmix.reference import Kind

Cell = dict[str, Any]


def code(*lines: str) -> Cell:
    outputs = [{"name": "stdout", "output_type": "stream", "text": ["app.db.old.Client\n"]}]
    return {"cell_type": "code", "execution_count": 3, "metadata": {}, "outputs": outputs, "source": list(lines)}


def words(*lines: str) -> Cell:
    return {"cell_type": "markdown", "metadata": {"app.db.old.Client": "x"}, "source": list(lines)}


def notebook(*cells: Cell, indent: int | None = 1) -> str:
    whole = {"cells": cells, "metadata": {"a": "app.db.old.Client"}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=indent, ensure_ascii=False) + "\n"


def migrated(text: str) -> tuple[str, list[str]]:
    survey = survey_notebook(source("a.ipynb", text), context())
    after = rewritten(text, survey)
    assert {reference.kind for reference in survey.references} <= {Kind.NOTEBOOK}
    json.loads(after)
    assert survey_notebook(source("a.ipynb", after), context()).edits == ()
    return after, said(survey)


REWRITTEN: dict[str, tuple[list[Cell], list[Cell]]] = {
    "import_of_both_parts": (
        [code("from app.db.old import Client, Config\n", "Client()")],
        [code("from app.db.client import Client\n", "from app.db.retry import Config\n", "Client()")],
    ),
    "import_on_the_only_line": (
        [code("from app.db.old import Client, Config")],
        [code("from app.db.client import Client\n", "from app.db.retry import Config")],
    ),
    "import_on_the_last_line": (
        [code("x = 1\n", "from app.db.old import Client, Config")],
        [code("x = 1\n", "from app.db.client import Client\n", "from app.db.retry import Config")],
    ),
    "import_over_several_lines": (
        [code("from app.db.old import (\n", "    Client,  # it\n", "    Config,\n", ")\n", "Client()")],
        [
            code(
                "from app.db.client import (\n",
                "    Client,  # it\n",
                ")\n",
                "from app.db.retry import Config\n",
                "Client()",
            )
        ],
    ),
    "alias_used_in_later_cells": (
        [code("import app.db.old as o"), words("Now"), code("%time o.connect()\n", "o.connect?")],
        [code("import app.db.client as o"), words("Now"), code("%time o.connect()\n", "o.connect?")],
    ),
    "module_of_both_parts_in_later_cells": (
        [code("from app.db import old\n"), code("x = %timeit -n 10 -o old.connect()"), code("old.Config()\n")],
        [
            code("from app.db import client, retry\n"),
            code("x = %timeit -n 10 -o client.connect()"),
            code("retry.Config()\n"),
        ],
    ),
    "commands": (
        [
            code("%matplotlib inline\n", "!python -m app.db.old \\\n", "  --quiet\n", "files = !ls\n", "?files\n"),
            code("%run -m app.db.old.Client\n", "if files:\n", "    %cd ..\n", "from app.db.old import Config"),
            code("%%bash\n", "gunicorn app.db.old:main <<(\n"),
            code("%%time\n", "from app.db.old import main\n", "main()"),
        ],
        [
            code("%matplotlib inline\n", "!python -m app.db.client \\\n", "  --quiet\n", "files = !ls\n", "?files\n"),
            code("%run -m app.db.client.Client\n", "if files:\n", "    %cd ..\n", "from app.db.retry import Config"),
            code("%%bash\n", "gunicorn app.db.client:main <<(\n"),
            code("%%time\n", "from app.db.client import main\n", "main()"),
        ],
    ),
    "percent_signs_that_are_no_commands": (
        [code('x = """\n', "%run app.db.old.Client\n", '"""\n', "from app.db.old import Config")],
        [code('x = """\n', "%run app.db.old.Client\n", '"""\n', "from app.db.retry import Config")],
    ),
    "words": (
        [words("Use `app.db.old.Client`\n", "```python\n", "from app.db.old import Client, Config\n", "```\n")],
        [
            words(
                "Use `app.db.client.Client`\n",
                "```python\n",
                "from app.db.client import Client\n",
                "from app.db.retry import Config\n",
                "```\n",
            )
        ],
    ),
    "escapes_before_and_behind": (
        [code('s = "\\t\\u00e9é\U0001f600"; from app.db.old import Client; t = "\U0001f600\\"app.db.old.Config"\n')],
        [code('s = "\\t\\u00e9é\U0001f600"; from app.db.client import Client; t = "\U0001f600\\"app.db.old.Config"\n')],
    ),
}


@pytest.mark.parametrize("case", REWRITTEN)
@pytest.mark.parametrize("indent", [1, 4, None])
def test_cells_move_and_nothing_else_does(case: str, indent: int | None) -> None:
    before, expected = REWRITTEN[case]
    after, findings = migrated(notebook(*before, indent=indent))
    assert after == notebook(*expected, indent=indent)
    assert findings == []


def test_one_string_for_the_whole_source() -> None:
    cell = '{"source" : "from app.db.old import Client, Config\\nClient()", "cell_type":"code"}'
    before = '{"nbformat": 4, "cells": [' + cell + "]}"
    after, _ = migrated(before)
    assert after == before.replace(
        "from app.db.old import Client, Config",
        "from app.db.client import Client\\nfrom app.db.retry import Config",
    )


def test_odd_json_keeps_its_spacing_and_escapes() -> None:
    before = (
        '{ "nbformat":4,"metadata":{},\r\n\t"cells":[ {"cell_type":"code","outputs":["\\u0061pp.db.old.Client"],\r\n'
        '"source":["\\u0066rom app\\u002edb.old import Client, Config # \\u00e9\\n","x = \\"\\/\\ud83d\\ude00\\""]} ] }'
    )
    after, _ = migrated(before)
    assert after == before.replace(
        "\\u0066rom app\\u002edb.old import Client, Config",
        'from app.db.client import Client\\n","from app.db.retry import Config',
    )


def test_the_third_format() -> None:
    cells = [{"cell_type": "code", "language": "python", "input": ["from app.db.old import Client\n", "Client"]}]
    text = json.dumps({"nbformat": 3, "worksheets": [{"cells": cells}]})
    assert migrated(text)[0] == text.replace("app.db.old", "app.db.client")


def test_a_file_without_line_end_and_with_windows_line_ends() -> None:
    text = notebook(code("from app.db.old import Client, Config\r\n", "Client()")).rstrip().replace("\n", "\r\n")
    expected = notebook(code("from app.db.client import Client\r\n", "from app.db.retry import Config\r\n", "Client()"))
    assert migrated(text)[0] == expected.rstrip().replace("\n", "\r\n")


def test_a_cell_that_cannot_be_parsed_keeps_all_cells_as_they_are() -> None:
    text = notebook(code("from app.db import old\n"), code("print old.connect()\n"))
    assert migrated(text) == (text, ["34:6 UNM009 "])
    text = notebook(code("from app.db.old import Client\n"), code("print 'app.db.old.Client'\n"))
    assert migrated(text) == (text, ["34:13 UNM009 "])


def test_a_cell_that_cannot_be_parsed_and_is_not_concerned_is_no_matter() -> None:
    text = notebook(code("from app.db.old import Client\n"), code("print 1\n"))
    assert migrated(text) == (text.replace("from app.db.old", "from app.db.client"), [])


def test_other_languages_are_words() -> None:
    text = notebook(code("system('gunicorn app.db.old:main') %>% x\n"))
    text = text.replace('"a": "app', '"kernelspec": {"language": "R"}, "a": "app')
    assert migrated(text)[0] == text.replace("app.db.old:main", "app.db.client:main")


def test_module_in_words_is_asked() -> None:
    text = notebook(words("The module app.db.old\n"))
    assert migrated(text) == (text, ["9:17 UNM010 app.db.old"])


def test_names_that_nothing_defines() -> None:
    text = notebook(code("with_retry(print)"))
    assert migrated(text)[1] == ["17:6 UNM004 with_retry"]
    assert migrated(notebook(code("%run setup.ipynb"), code("with_retry(print)")))[1] == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "1: is no JSON"),
        ("", "1: is no JSON"),
        ("[1]", "is no notebook"),
        ("{}", "is no notebook"),
        ('{"cells": [], "nbformat": 2}', "notebook format 2"),
        ('{"cells": []}', "notebook format None"),
        ("[" * 100_000, "is no JSON"),
    ],
)
def test_what_is_no_notebook_is_refused(text: str, reason: str) -> None:
    with pytest.raises(UnreadableSource, match=reason):
        survey_notebook(source("a.ipynb", text), context())


ODD = (
    '{"nbformat": 4, "cells": 3}',
    '{"nbformat": 4, "cells": [1, [], {}, {"cell_type": "code"}, {"cell_type": "code", "source": 1}]}',
    '{"nbformat": 4, "cells": [{"cell_type": 7, "source": [1, {}, "app.db.old.Client", null]}], "metadata": []}',
    '{"nbformat": 4, "cells": [{"cell_type": "code", "source": [""]}, {"cell_type": "code", "source": []}]}',
    '{"nbformat": 3, "worksheets": {"cells": []}}',
)


@pytest.mark.parametrize("text", ODD)
def test_odd_notebooks_are_read(text: str) -> None:
    migrated(text)


LINES = st.lists(
    st.sampled_from(
        (
            *("from app.db.old import Client, Config", "import app.db.old as o", "o.connect()", "o.Config", "print(o)"),
            *(
                "from app.db import old",
                "old.connect(); old.Config()",
                "%time o.main()",
                "!ls",
                "%%bash",
                "x = !ls",
                "  y",
            ),
            *(
                "from app.db.old import (",
                "Client,",
                ")",
                '"""',
                "é\u2028\U0001f600\\",
                "\ud800",
                "\t",
                "\x00\x0c",
                "`app.db.old`",
            ),
            *(
                "app.db.old.Client",
                "from app.db.old import *",
                "o.nothing",
                "```",
                ".. automodule:: app.db.old",
                "",
                "?o",
                "o?",
            ),
        )
    ),
    max_size=6,
)


@st.composite
def notebooks(draw: st.DrawFn) -> str:
    cells = []
    for lines in draw(st.lists(LINES, max_size=4)):
        ended = [line + draw(st.sampled_from(("\n", "\n", "\n", "\r\n", ""))) for line in lines]
        cells.append(
            {
                "cell_type": draw(st.sampled_from(("code", "code", "markdown", "raw"))),
                "source": draw(st.sampled_from((ended, "".join(ended)))),
                "outputs": ended,
            }
        )
    whole = {"nbformat": 4, "cells": cells}
    return json.dumps(whole, indent=draw(st.sampled_from((None, 1, "\t"))), ensure_ascii=draw(st.booleans()))


@given(notebooks())
def test_any_notebook_is_surveyed_and_changed_inside_its_sources_only(text: str) -> None:
    survey = survey_notebook(source("a.ipynb", text), context())
    before, after = json.loads(text), json.loads(rewritten(text, survey))
    assert len(before["cells"]) == len(after["cells"])
    for old, new in zip(before["cells"], after["cells"], strict=True):
        assert type(old.pop("source")) is type(new.pop("source"))
        assert old == new


@given(st.text(), st.booleans(), st.sampled_from((None, 1)))
def test_json_strings_are_read_where_they_stand(value: str, ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(
        {"a": [1.5, None, {"b": []}, value, "}"], "b" + value: {}}, ensure_ascii=ascii_only, indent=indent
    )
    top = list(json_text.members(text, json_text.root(text)))
    assert [key for key, _ in top] == list(json.loads(text))
    at = list(json_text.elements(text, top[0][1]))[3]
    read, starts, ends = json_text.string_places(text, at)
    assert read == value
    assert len(starts) == len(ends) == len(value)
    assert starts[1:] == ends[:-1]
    for character, start, end in zip(value, starts, ends, strict=True):
        assert json.loads(f'"{text[start:end]}"') == character
    assert json.loads(apply_edits(text, [])) == json.loads(text)
