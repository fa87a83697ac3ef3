"""Which declaration a name means in a script: scopes, hoisting, types, JSX, and where every node stands."""

from __future__ import annotations

import re

import pytest

from unmix.errors import UnreadableSource
from unmix.javascript.scopes import Scopes, When
from unmix.javascript.syntax import parse, parses


def reached(path: str, text: str) -> list[str]:
    """Give for each use of `x` how it is bound where it is found: `import@1` for one on line 1, `-` for none."""
    tree = parse(path, text)
    scopes = Scopes(tree)
    found = []
    for use in scopes.uses:
        if use.name == "x":
            binding = scopes.resolve(use)
            found.append("-" if binding is None else f"{binding.how.name.lower()}@{tree.line_of(binding.node)}")
    return found


IMPORT = "import { x } from './m';\n"


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.js", "x; ({ x }); ({ x: x }); o.x; o?.x; o['x']", ["import@1", "import@1", "import@1"]),
        ("a.js", "function f(x) { return x }", ["parameter@2"]),
        ("a.js", "function f(a = x) { var x; return x }", ["import@1", "var@2"]),  # a default sees no name of the body
        ("a.js", "function f() { if (a) { var x = 1 } return x }", ["var@2"]),  # var is hoisted
        ("a.js", "function f() { if (a) { let x = 1 } return x }", ["import@1"]),
        ("a.js", "{ function x() {} x() } x()", ["function@2", "import@1"]),
        ("a.js", "for (const x of x) x", ["lexical@2", "lexical@2"]),
        ("a.js", "for (x of y) {}", ["import@1"]),
        ("a.js", "try {} catch (x) { x } try {} catch { x }", ["catch@2", "import@1"]),
        ("a.js", "(x => x)(x)", ["parameter@2", "import@1"]),
        ("a.js", "(({ x, ...y }, [z = x]) => x)()", ["parameter@2", "parameter@2"]),
        ("a.js", "const f = function x() { return x }; x", ["self@2", "import@1"]),
        ("a.js", "class A { x = x; static x() { x } #x = 1; [x]() {} }", ["import@1", "import@1", "import@1"]),
        ("a.js", "[x] = y; ({ x, y: x } = z); x++; x ||= 1", ["import@1"] * 5),
        ("a.js", "x: for (;;) { break x }", []),
        ("a.js", "export { x, y as x }", ["import@1"]),
        ("a.js", "export { x } from './y'; export * as x from './z'", []),
        ("a.js", "<x/>; <X.x/>; <a x={x}>{x} x</a>; <x.y></x.y>", ["import@1"] * 4),
        ("a.js", "`${x} x`; tag`${x}`; /x/; 'x'", ["import@1", "import@1"]),
        ("a.ts", "let y: x; type x = number; let z: x", ["import@1", "import@1"]),  # imports are in both spaces
        ("a.ts", "function f<x>(a: x): x { return x }", ["type_parameter@2", "type_parameter@2", "import@1"]),
        ("a.ts", "type F = (x: number) => typeof x", ["parameter@2"]),
        ("a.ts", "type T = [x: number, y: x]", ["import@1"]),
        ("a.ts", "type M = { [x in keyof y]: x }", ["type_parameter@2"]),
        ("a.ts", "type C = y extends (infer x)[] ? x : z; let a: x", ["type_parameter@2", "import@1"]),
        ("a.ts", "enum E { x, y = x }", ["lexical@2"]),
        ("a.ts", "namespace N { export const x = 1; x } x", ["lexical@2", "import@1"]),
        ("a.ts", "class A<x> extends x<x> implements x {}", ["import@1", *["type_parameter@2"] * 2]),
        ("a.ts", "let a = y as x; let b = <x>y; let c = y satisfies x; let d: x.y.z", ["import@1"] * 4),
        ("a.ts", "import y = x.z; export = x", ["import@1", "import@1"]),
        ("a.tsx", "const a = <x.Y<x> b={x as any}/>", ["import@1"] * 3),
    ],
)
def test_names_mean_what_the_language_says(path: str, text: str, expected: list[str]) -> None:
    assert reached(path, IMPORT + text) == expected


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("x()", When.LOAD),
        ("const f = () => x", When.LATER),
        ("(() => { x })()", When.LOAD),
        ("(function () { x }).call(this)", When.LOAD),
        ("class A { static a = x }", When.LOAD),
        ("class A { a = x }", When.LATER),
        ("class A extends x {}", When.LOAD),
        ("class A { static { x } }", When.LOAD),
        ("class A { [x]() {} }", When.LOAD),
        ("@x class A {}", When.LOAD),
        ("let a: typeof x", When.TYPING),
        ("declare const a: typeof x", When.TYPING),
    ],
)
def test_uses_say_when_they_are_evaluated(text: str, when: When) -> None:
    scopes = Scopes(parse("a.ts", text))
    assert [use.when for use in scopes.uses if use.name == "x"] == [when]


def test_places_are_characters_of_the_text() -> None:
    text = "/* é ☃ 🙂 */ import { größe } from './ü'\r\nconst 名 = größe // 🙂\r\n"
    tree = parse("a.js", text)
    scopes = Scopes(tree)
    (use,) = scopes.uses
    assert tree.text[slice(*tree.span(use.node))] == "größe"
    assert tree.place(tree.start(use.node)) == (2, 11)
    for placed in scopes.strings:
        assert tree.code(placed.node) == "'./ü'"
    for match in re.finditer("größe|名|🙂", text):
        assert tree.character(tree.byte(match.start())) == match.start()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.ts", 'f<typeof import("./a")>();'),
        ("a.ts", 'const a = await f<typeof import("./a")>("./a");'),
        ("a.ts", "let x: import(\"./a\").T<import('b').U>[] = 1"),
        ("a.ts", 'export type * from "./a"; export type * as ns from "./b"'),
        ("a.ts", 'export * from "./a" with { type: "json" };\n'),
        ("a.js", 'import defer * as q from "x"'),
        ("a.jsx", "x = <p class='a'>you & me</p>"),
        ("a.ts", "class A { abstract override x(): void; accessor y = 1 }"),
        ("a.ts", "interface B<in out T> {\n  abstract: boolean\n}"),
        ("a.ts", 'declare module "x" {\n  global { interface A {} }\n}'),
        ("a.ts", "const using = 1; f(using)"),
    ],
)
def test_syntax_that_the_grammars_lack_is_read(path: str, text: str) -> None:
    tree = parse(path, text)
    assert tree.text == text
    assert len(tree.source) == len(text.encode())


def test_hidden_types_are_known() -> None:
    tree = parse("a.ts", 'let é: import("./a").T<string>')
    assert [tree.text[slice(*span)] for span in tree.hidden] == ['import("./a")']


def test_scripts_of_components_are_one_module() -> None:
    text = (
        "<p>{{ é }}</p>\n<script>\nimport { x } from './a'\n</script>\n"
        "<script setup lang='ts'>\nlet y: number = x\n</script>\n"
    )
    tree = parse("a.vue", text)
    scopes = Scopes(tree)
    (use,) = [use for use in scopes.uses if use.name == "x"]
    binding = scopes.resolve(use)
    assert binding is not None
    assert tree.line_of(binding.node) == 3
    assert tree.place(tree.start(use.node)) == (6, 17)


def test_what_is_no_script_is_refused_with_its_line() -> None:
    with pytest.raises(UnreadableSource, match=r"a\.js:2: cannot be parsed"):
        parse("a.js", "let a\nlet = = 1\n")
    assert not parses("a.js", "let a: number = 1")
    assert parses("a.ts", "let a: number = 1")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.ts", "interface F {\n  (a: A): B\n  <T>(a: T): B<T> & C\n  // one more\n\t<\n    T,\n  >(a: T): B\n}\nx"),
        ("a.ts", "interface A {\n  in2?: string\n  in?: string\n}\nx"),
        ("a.ts", "test.each<{ a: string; b: C<D> }>`a ${x}`"),
        ("a.js", "class A {\n  #a\n\n  [b] = 1\n  c\n  *d() {}\n}\nx"),
        ("a.js", "export { x as if, y as const }"),
        ("a.js", "<a href='https://a.b/?c=d&region=e'>{x}</a>"),
        ("a.js", "import.source('./a.wasm', x)"),
        ("a.js", "String.raw`\\u ${x} \\xQ`"),
    ],
)
def test_syntax_that_the_grammar_lacks_is_read(path: str, text: str) -> None:
    tree = parse(path, text)
    assert tree.text == text
    assert "x" in [use.name for use in Scopes(tree).uses]


def test_text_that_is_no_code_is_refused() -> None:
    for text in ("class A {\n  if\n}}\n", "<a>\n  <b>\n", "interface A {\n  <T\n", "a <b> `"):
        with pytest.raises(UnreadableSource):
            parse("a.ts", text)
