"""Reading unmix.toml: what is read, where each mistake is, and that no text at all makes the reader fail."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unmix.errors import MigrationFileError
from unmix.migration import Migration, Mistake, Part, Replace, ShimSettings, Split
from unmix.migration_file import find_migration_file, read_migration

WHOLE = """\
source_roots = ["src", "./lib/"]

[[split]]
module = "app.db.prisma_retry_wrapper"
[split.into]
"app.db.client_wrapper" = [
    "RetryableClient",  # the class

    'create_retryable_prisma_client',
]
"app.db.retry_utils" = ["*"]

[shim]
since = "2.4"
remove_in = "3.0"

[[replace]]
call = "app.db.client_wrapper.create($client)"
with = "$client"

[[split]]
module = "src/db/prismaRetryWrapper.js"
into."./src/db/clientWrapper.js" = ["default", "$create"]
into."src/db/retryUtils.js" = ["*", "RetryConfig"]

[[replace]]
call = "src/db/clientWrapper.js#create($client, $...rest)"
with = "src/db/prismaExtension.js#create($client)"

[verify]
smoke = ["python -m app.healthcheck"]

[check]
exclude = ["third_party/**"]
"""


def read(folder: Path, text: str, name: str = "unmix.toml") -> tuple[Migration, tuple[Mistake, ...]]:
    path = folder / name
    path.write_bytes(text.encode())
    return read_migration(path)


def mistakes_in(folder: Path, text: str, name: str = "unmix.toml") -> list[str]:
    return [f"{mistake.line}: {mistake.message}" for mistake in read(folder, text, name)[1]]


def split_of(parts: str, module: str = "app.old") -> str:
    return f'[[split]]\nmodule = "{module}"\n[split.into]\n{parts}\n'


# What is read.


def test_whole_file(tmp_path: Path) -> None:
    migration, mistakes = read(tmp_path, WHOLE)
    assert mistakes == ()
    assert migration == Migration(
        path=tmp_path / "unmix.toml",
        root=tmp_path.resolve(),
        source_roots=("src", "lib"),
        splits=(
            Split(
                module="app.db.prisma_retry_wrapper",
                parts=(
                    Part(
                        "app.db.client_wrapper",
                        ("RetryableClient", "create_retryable_prisma_client"),
                        rest=False,
                        line=6,
                        name_lines=(7, 9),
                    ),
                    Part("app.db.retry_utils", (), rest=True, line=11, name_lines=()),
                ),
                line=3,
            ),
            Split(
                module="src/db/prismaRetryWrapper.js",
                parts=(
                    Part("src/db/clientWrapper.js", ("default", "$create"), False, 23, (23, 23)),
                    Part("src/db/retryUtils.js", ("RetryConfig",), True, 24, (24,)),
                ),
                line=21,
            ),
        ),
        replaces=(
            Replace("app.db.client_wrapper.create($client)", "$client", 17),
            Replace(
                "src/db/clientWrapper.js#create($client, $...rest)", "src/db/prismaExtension.js#create($client)", 26
            ),
        ),
        shim=ShimSettings("2.4", "3.0"),
        smoke=("python -m app.healthcheck",),
        exclude=("third_party/**",),
    )


def test_crlf_and_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, "\ufeff" + WHOLE.replace("\n", "\r\n")) == read(tmp_path, WHOLE)


def test_defaults(tmp_path: Path) -> None:
    migration, mistakes = read(tmp_path, split_of('"app.new" = ["*"]'))
    assert mistakes == ()
    assert (migration.source_roots, migration.shim, migration.smoke) == (None, ShimSettings(), ())


@pytest.mark.parametrize("until", ['"3.0"', '"4.0.0rc1"', '"2031-01-31"', "2031-01-31"])
def test_removal_is_a_version_or_a_date(tmp_path: Path, until: str) -> None:
    migration, mistakes = read(tmp_path, split_of('"app.new" = ["*"]') + f"[shim]\nremove_in = {until}\n")
    assert mistakes == ()
    assert migration.shim.remove_in == until.strip('"')


def test_pyproject_as_tool_table_among_others(tmp_path: Path) -> None:
    text = (
        '[project]\nname = "app"\n\n[[tool.unmix.split]]\nmodule = "app.old"\n\n[tool.ruff]\nline-length = 120\n\n'
        '[tool.unmix.shim]\nsince = "1"\n\n[[tool.unmix.split]]\nmodule = "app.older"\n'
        '[tool.unmix.split.into]\n"app.new" = [\n  "a",\n  "b" ]\n'
    )
    migration, mistakes = read(tmp_path, text, "pyproject.toml")
    assert [f"{mistake.line}: {mistake.message}" for mistake in mistakes] == [
        '4: missing key "into" in [[split]]; add it'
    ]
    assert migration.shim.since == "1"
    assert [(split.module, split.line) for split in migration.splits] == [("app.old", 4), ("app.older", 13)]
    assert migration.splits[1].parts == (Part("app.new", ("a", "b"), False, 16, (17, 18)),)


@pytest.mark.parametrize("text", ["", "[tool.ruff]\n", "tool = 1\n"])
def test_pyproject_without_the_table(tmp_path: Path, text: str) -> None:
    assert mistakes_in(tmp_path, text, "pyproject.toml") == [
        "1: no [tool.unmix] table; add it, or name a file with -c FILE"
    ]


# The mistakes.


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Keys
        ('spilt = 1\n[[replace]]\ncall="a"\nwith="b"', '1: unknown key "spilt"; did you mean "split"?'),
        (
            '[[split]]\nmodul = "app.old"\nmodule = "app.old"\ninto = {"app.new" = ["*"]}',
            '2: unknown key "modul"; did you mean "module"?',
        ),
        (
            split_of('"app.new" = ["*"]') + '\n[shim]\nsince = "1"\nzzz = 1',
            '8: unknown key "zzz"; known here: since, remove_in',
        ),
        (split_of('"app.new" = ["*"]') + '[verify]\nsmok = ["x"]', '6: unknown key "smok"; did you mean "smoke"?'),
        (
            split_of('"app.new" = ["*"]') + '[check]\n"exc\\nlude" = ["x"]',
            '6: unknown key "exc\\nlude"; did you mean "exclude"?',
        ),
        ('\n[[split]]\ninto = {"app.new" = ["*"]}', '2: missing key "module" in [[split]]; add it'),
        ('\n[[split]]\nmodule = "app.old"', '2: missing key "into" in [[split]]; add it'),
        ('\n[[replace]]\nwith = "b"', '2: missing key "call" in [[replace]]; add it'),
        ('\n[[replace]]\ncall = "b"', '2: missing key "with" in [[replace]]; add it'),
        ("", "1: nothing to do; add a [[split]] or a [[replace]] table"),
        ("# only\n[shim]\nsince = '1'", "1: nothing to do; add a [[split]] or a [[replace]] table"),
        ("\nsplit = []", "1: nothing to do; add a [[split]] or a [[replace]] table"),
        # Types
        ('[split]\nmodule = "a"', '1: "split" is a table; write it as [[split]]'),
        ("split = [\n1]", '2: an item of "split" is a number; write a table'),
        ('\n[[split]]\nmodule = 1\ninto = {"app.new" = ["*"]}', '3: "module" is a number; write a string'),
        ('[[split]]\nmodule = "app.old"\ninto = ["app.new"]', '3: "into" is a list; write a table'),
        (split_of('"app.new" = "*"'), '4: "app.new" is a string; write a list of strings'),
        (split_of('"app.new" = ["a",\ntrue]'), '5: a name in "app.new" is a boolean; write a string'),
        (
            split_of('app.new = ["a"]'),
            '4: "app" is a table; quote the whole name of the part: "app.module" = ["name"]',
        ),
        (split_of('"app.new" = ["*"]') + "[shim]\nsince = 2.4", '6: "since" is a number; write a string'),
        ("shim = []\n" + split_of('"app.new" = ["*"]'), '1: "[shim]" is a list; write a table'.replace('"', "")),
        (
            split_of('"app.new" = ["*"]') + "[shim]\nremove_in = 2031-01-31T00:00:00",
            '6: "remove_in" is a date or time; write a string',
        ),
        ('source_roots = "src"\n' + split_of('"b" = ["*"]'), '1: "source_roots" is a string; write a list of strings'),
        ("[[replace]]\ncall = []\nwith = 'a'", '2: "call" is a list; write a string'),
        # Splits, parts and names
        (split_of(""), '3: "into" names no part; add one: "new.module" = ["name", "*"]'),
        (
            split_of('"app.new" = []'),
            '4: part "app.new" takes no names; name some, write "*" for the rest, or remove the part',
        ),
        (split_of('"app.a" = ["x",\n"y",\n"x"]'), '6: name "x" is given twice; first on line 4'),
        (split_of('"app.a" = ["x"]\n"app.b" = [\n"x"]'), '6: name "x" is given twice; first on line 4'),
        (split_of('"app.a" = ["*"]\n"app.b" = ["*"]'), '5: "*" is given twice; first on line 4'),
        (
            split_of('"src/a.js" = ["x"]\n"./src/a.js" = ["y"]', "src/old.js"),
            '5: part "src/a.js" is given twice; first on line 4',
        ),
        (
            split_of('"app.a" = ["*"]') + split_of('"app.b" = ["*"]'),
            '5: "app.old" is split twice; first on line 1',
        ),
        (
            split_of('"app.a" = ["*"]') + split_of('"app.a" = ["*"]', "app.other"),
            '8: part "app.a" is made by two splits; first on line 4',
        ),
        (
            split_of('"app.old" = ["*"]'),
            '4: part "app.old" is named like the old module; give it a name of its own',
        ),
        (
            split_of('"src/a.js" = ["*"]'),
            '4: part "src/a.js" is in another language than "app.old"; write both alike',
        ),
        (split_of('"app.a" = [""]'), '4: a name in "app.a" is empty; fill it in or remove it'),
        (split_of('"" = ["a"]'), "4: the name of a part is empty; fill it in or remove it"),
        (split_of('"app.a" = ["a.b"]'), '4: "a.b" is not a name; write one identifier'),
        (split_of('"app.a" = ["class"]'), '4: "class" is not a name; write one identifier'),
        (split_of('"app.a" = ["$a"]'), '4: "$a" is not a name; write one identifier'),
        (split_of('"src/a.js" = ["a-b"]', "src/old.js"), '4: "a-b" is not a name; write one identifier'),
        (
            split_of('"app.my-part" = ["*"]'),
            '4: "app.my-part" is not a module; write it like app.db.module, or like src/db/module.js',
        ),
        (
            split_of('"app.a" = ["*"]', ".old"),
            '2: ".old" is not a module; write it like app.db.module, or like src/db/module.js',
        ),
        # Paths
        (
            'source_roots = [\n"src",\n"../lib"]\n' + split_of('"app.a" = ["*"]'),
            '3: "../lib" leaves the folder of the migration file; write a path below it',
        ),
        (
            'source_roots = ["/src"]\n' + split_of('"app.a" = ["*"]'),
            '1: "/src" leaves the folder of the migration file; write a path below it',
        ),
        (
            'source_roots = ["C:/src"]\n' + split_of('"app.a" = ["*"]'),
            '1: "C:/src" leaves the folder of the migration file; write a path below it',
        ),
        (
            "source_roots = []\n" + split_of('"app.a" = ["*"]'),
            '1: "source_roots" names no folder; name one, or leave the key out',
        ),
        (
            split_of('"../a.js" = ["*"]', "src/old.js"),
            '4: "../a.js" leaves the folder of the migration file; write a path below it',
        ),
        (
            split_of('"src/a.js" = ["*"]', "src\\\\old.js"),
            '2: "src\\\\old.js" has backslashes; write / between folders',
        ),
        (
            split_of('"app.a" = ["*"]') + '[check]\nexclude = ["../**"]',
            '6: "../**" leaves the folder of the migration file; write a path below it',
        ),
        (
            '[[replace]]\ncall = "../src/a.js#create($x)"\nwith = "$x"',
            '2: "../src/a.js" leaves the folder of the migration file; write a path below it',
        ),
        # Texts
        (
            split_of('"app.a" = ["*"]') + '[shim]\nremove_in = "soon"',
            '6: "soon" is neither a version nor a date; write it like 3.0 or 2030-12-31',
        ),
        (split_of('"app.a" = ["*"]') + '[shim]\nsince = " "', '6: "since" is empty; fill it in or remove it'),
        (
            split_of('"app.a" = ["*"]') + '[verify]\nsmoke = [""]',
            '6: a command in "smoke" is empty; fill it in or remove it',
        ),
        # Not TOML
        ("a = 1\nb = \n", "2: not TOML: unexpected character: '\\n'"),
        ("a = 1\n[x\n", "2: not TOML: unexpected character: '\\n'"),
        ("a = [\n1,\n", "2: not TOML: unexpected end of file"),
        ("a = 1\nb = 2\na = 3\n\nc = 4\n", '3: not TOML: key "a" already exists'),
        ("a = 1\n\n[shim]\nx = 1\nx = 2\n\ny = 1\n", '5: not TOML: key "x" already exists'),
        ("[shim]\nx = 1\n[check]\n[shim]\ny = 2\n[verify]\n", '4: not TOML: key "shim" already exists'),
        ("# \u2028 \x85\n\nb = \n", "3: not TOML: unexpected character: '\\n'"),
    ],
)
def test_mistake(tmp_path: Path, text: str, expected: str) -> None:
    assert mistakes_in(tmp_path, text) == [expected]


def test_five_mistakes_at_once_and_the_rest_is_read(tmp_path: Path) -> None:
    text = (
        'source_root = ["src"]\n'  # 1
        "\n"
        "[[split]]\n"
        'module = "app.old"\n'
        "[split.into]\n"
        '"app.a" = [\n'
        '  "x",  # fine\n'
        '  "not a name",\n'  # 8
        "]\n"
        '"app.b" = ["*", "x", "y"]\n'  # 10
        "\n"
        "[shim]\n"
        'remove_in = "someday"\n'  # 13
        "\n"
        "[[replace]]\n"  # 15
        'call = "app.f()"\n'
    )
    migration, mistakes = read(tmp_path, text)
    assert [mistake.line for mistake in mistakes] == [1, 8, 10, 13, 15]
    assert migration.splits == (
        Split("app.old", (Part("app.a", ("x",), False, 6, (7,)), Part("app.b", ("y",), True, 10, (10,))), 3),
    )
    assert migration.replaces == ()


def test_lines_within_inline_tables_strings_and_escaped_keys(tmp_path: Path) -> None:
    text = (
        'source_roots = """\n[[split]]\n""", 1\n'.replace('"""', "'''").replace(", 1", "")  # a string of three lines
        + 'split = [ { module = "app.old",\n'  # 4
        '  into = { "app.\\u0061" = ["x",\n'  # 5
        '    "1x"],\n'  # 6
        '    "app.b" = [[], "*"] } },\n'  # 7
        '  { module = "app.older", "in\\u0074o" = { "app.c" = [ # "no", ]\n'  # 8
        '    "9" ] } } ]\n'  # 9
        "shim.since = 1.5\n"  # 10
    )
    assert mistakes_in(tmp_path, text) == [
        '1: "source_roots" is a string; write a list of strings',
        '6: "1x" is not a name; write one identifier',
        '7: a name in "app.b" is a list; write a string',
        '9: "9" is not a name; write one identifier',
        '10: "since" is a number; write a string',
    ]


# Files.


def test_nearest_file_wins_and_unmix_toml_beats_pyproject(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "unmix.toml").write_text("")
    assert find_migration_file(inner) == tmp_path.resolve() / "unmix.toml"
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.ruff]\n")
    assert find_migration_file(inner) == tmp_path.resolve() / "unmix.toml"
    (tmp_path / "a" / "pyproject.toml").write_text("[tool]\nunmix.source_roots = ['src']\n")
    assert find_migration_file(inner) == tmp_path.resolve() / "a" / "pyproject.toml"
    (tmp_path / "a" / "unmix.toml").write_text("")
    assert find_migration_file(inner) == tmp_path.resolve() / "a" / "unmix.toml"


def test_pyproject_that_is_no_toml_but_has_the_table_is_found(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("a = \n[[tool.unmix.split]]\n")
    path = find_migration_file(tmp_path)
    assert [mistake.line for mistake in read_migration(path)[1]] == [1]


def test_pyproject_that_only_mentions_unmix_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "unmix.toml").write_text("")
    inner = tmp_path / "a"
    inner.mkdir()
    for content in (b"dependencies = ['unmix']", b"'unmix' = ", b"\xff unmix"):
        (inner / "pyproject.toml").write_bytes(content)
        assert find_migration_file(inner) == tmp_path.resolve() / "unmix.toml"


def test_no_file_anywhere(tmp_path: Path) -> None:
    with pytest.raises(MigrationFileError) as caught:
        find_migration_file(tmp_path)
    assert caught.value.mistakes == (
        f"unmix.toml: not found in {tmp_path.resolve()} or above; write one (see `unmix --help`) "
        "or name it with -c FILE",
    )


def test_missing_folder_and_non_utf8_file(tmp_path: Path) -> None:
    with pytest.raises(MigrationFileError, match=r"unmix\.toml: no such file or directory; name a migration file"):
        read_migration(tmp_path / "unmix.toml")
    with pytest.raises(MigrationFileError, match="is a directory"):
        read_migration(tmp_path)
    (tmp_path / "unmix.toml").write_bytes(b"# a\n# \xe9\n")
    with pytest.raises(MigrationFileError, match=r"unmix\.toml:2: not UTF-8; save the file as UTF-8"):
        read_migration(tmp_path / "unmix.toml")


# Properties.

_SCRAPS = st.sampled_from(
    [
        *(
            '"',
            "'",
            '"""',
            "'''",
            "\\",
            "\n",
            "\r\n",
            "\r",
            "=",
            ",",
            ".",
            "[",
            "]",
            "[[",
            "]]",
            "{",
            "}",
            "#",
            " ",
            "\t",
        ),
        *(
            "split",
            "into",
            "module",
            "replace",
            "call",
            "with",
            "shim",
            "tool.unmix",
            "a",
            "b",
            "*",
            "1",
            "1.5",
            "true",
        ),
        *("[[split]]\n", "[split.into]\n", 'module = "app.old"\n', '"app.new" = ["*"]\n', "[tool.unmix]\n", "\0", "é"),
        *(
            "2030-12-31",
            "[[tool.unmix.split]]\n",
            'into = {"a.b" = ["c"]}\n',
            "a.b = 1\n",
            "[a]\n",
            "[[a]]\n",
            "[a.b]\n",
        ),
    ]
)


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.one_of(st.lists(_SCRAPS, max_size=30).map("".join), st.text()), name=st.sampled_from(["unmix", "pyproject"])
)
def test_no_text_makes_it_fail(tmp_path: Path, text: str, name: str) -> None:
    migration, mistakes = read(tmp_path, text, f"{name}.toml")
    last = text.count("\n") + 1
    assert all(1 <= mistake.line <= last and "\n" not in mistake.message for mistake in mistakes)
    assert mistakes or migration.splits or migration.replaces


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=60))
def test_no_bytes_make_it_fail(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "unmix.toml").write_bytes(data)
    with suppress(MigrationFileError):
        read_migration(tmp_path / "unmix.toml")


_GAPS = st.sampled_from(["", " ", "\n", "\n\n", " # a comment, ['x'] = {\n", "\r\n\t"])


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_each_line_is_the_one_its_name_stands_on(tmp_path: Path, data: st.DataObject) -> None:
    pieces = []
    for split in range(data.draw(st.integers(1, 3))):
        pieces.append(f'[[split]]\nmodule = "old{split}"\n')
        for part in range(data.draw(st.integers(1, 3))):
            names = "".join(
                f"{data.draw(_GAPS)}{quote}n_{split}_{part}_{name}_{quote}{data.draw(_GAPS)},{data.draw(_GAPS)}"
                for name in range(data.draw(st.integers(1, 4)))
                for quote in [data.draw(st.sampled_from(["'", '"']))]
            )
            pieces.append(f'into."part_{split}_{part}_" = [{names}]\n{data.draw(_GAPS)}\n')
        pieces.append(data.draw(st.sampled_from(["", f'[[replace]]\ncall = "{split}"\nwith = """\n\n$x"""\n'])))
    text = "".join(pieces)
    migration, mistakes = read(tmp_path, text)
    assert mistakes == ()
    lines = text.split("\n")
    for split in migration.splits:
        assert split.module in lines[split.line]
        for part in split.parts:
            assert part.module in lines[part.line - 1]
            assert all(name in lines[line - 1] for name, line in zip(part.names, part.name_lines, strict=True))
