"""Generated JavaScript modules: something of everything that a split has to get right, and a caller of all of it.

Every definition gives or returns a string that tells what it saw, so that a caller which joins them all tells two
versions of a module apart. Functions take a depth, so that they may call each other in circles.
"""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

LIBRARY = {
    "lib.mjs": "export const one = '1';\nexport const two = (x) => '2' + x;\nexport default 'lib';\n",
    "lib.cjs": "exports.one = '1';\nexports.two = (x) => '2' + x;\n",
    "effect.mjs": "globalThis.effects = (globalThis.effects ?? 0) + 1;\n",
    "effect.cjs": "globalThis.effects = (globalThis.effects ?? 0) + 1;\n",
}


@dataclass(frozen=True)
class Generated:
    """One module: its text, the names to ask for, and those that its callers see."""

    esm: bool
    text: str
    names: tuple[str, ...]
    exported: tuple[str, ...]

    @property
    def suffix(self) -> str:
        return ".mjs" if self.esm else ".cjs"


@dataclass(frozen=True)
class _Item:
    name: str
    kind: str
    text: str


@st.composite
def modules(draw: st.DrawFn) -> Generated:
    """Give a module."""
    esm = draw(st.booleans())
    end = draw(st.sampled_from([";", ";", ""]))
    kinds = draw(
        st.lists(
            st.sampled_from("function function arrow const call class counter pair bare registry".split()),
            min_size=3,
            max_size=9,
        )
    )
    items: list[_Item] = []
    functions = [f"f{number}" for number, kind in enumerate(kinds) if kind in ("function", "arrow")]
    values = [f"c{number}" for number, kind in enumerate(kinds) if kind in ("const", "call", "pair")]
    classes: list[str] = []
    earlier: list[str] = []
    for number, kind in enumerate(kinds):
        item = draw(_item(kind, number, functions, values, classes, list(earlier), end))
        items.append(item)
        if item.kind == "class":
            classes.append(item.name)
        if item.kind in ("const", "call"):
            earlier.append(item.name)
    names = [item.name for item in items if item.name]
    visible = draw(st.lists(st.sampled_from(names), unique=True, min_size=1)) if names else []
    return _module(draw, esm, end, items, visible)


@st.composite
def _item(
    draw: st.DrawFn,
    kind: str,
    number: int,
    functions: list[str],
    values: list[str],
    classes: list[str],
    earlier: list[str],
    end: str,
) -> _Item:
    seen = draw(_expression(functions, values, "d - 1"))
    if kind == "function":
        name = f"f{number}"
        return _Item(
            name,
            kind,
            f"function {name}(d) {{\n  if (d <= 0) return '{name}'{end}\n  return '{name}(' + {seen} + ')'{end}\n}}",
        )
    if kind == "arrow":
        name = f"f{number}"
        return _Item(name, kind, f"const {name} = (d) => d <= 0 ? '{name}' : '{name}[' + {seen} + ']'{end}")
    loaded = draw(st.sampled_from([*earlier, "one", "'x'"]))
    if kind == "const":
        return _Item(f"c{number}", kind, f"const c{number} = 'c{number}' + {loaded}{end}")
    if kind == "call":
        called = draw(st.sampled_from([*functions, "two"]))
        wrapped = draw(st.sampled_from(["{}(1)", "[1].map({}).join()", "(() => {}(2))()"]))
        return _Item(f"c{number}", kind, f"const c{number} = 'c{number}' + {wrapped.format(called)} + {loaded}{end}")
    if kind == "class":
        base = draw(st.sampled_from(["", *classes]))
        heritage = f" extends {base}" if base else ""
        text = (
            f"class K{number}{heritage} {{\n  static s = 'K{number}' + {loaded}{end or ';'}\n"
            f"  m(d) {{ return d <= 0 ? 'K{number}' : 'K{number}.m' + {seen}{end} }}\n}}"
        )
        return _Item(f"K{number}", kind, text)
    if kind == "counter":
        bump = f"function b{number}() {{ n{number} += 1; return 'n' + n{number}{end or ';'} }}"
        return _Item(f"b{number}", kind, f"let n{number} = 0{end} // counts\n{bump}")
    if kind == "pair":
        return _Item(f"c{number}", kind, f"const c{number} = 'c{number}', q{number} = '{number}' + {loaded}{end}")
    if kind == "registry":
        register = f"function a{number}(x) {{ r{number}.push(x); return r{number}.join(){end or ';'} }}"
        text = f"const r{number} = []{end}\n{register}\na{number}({loaded}){end}"
        return _Item(f"a{number}", kind, text)
    target = draw(st.sampled_from([*classes, ""]))
    if target:
        return _Item("", kind, f"{target}.extra = '{target}+' + {loaded}{end}")
    called = draw(st.sampled_from([*functions, "two"]))
    return _Item("", kind, f"globalThis.noted = [...(globalThis.noted ?? []), {called}(1)]{end}")


@st.composite
def _expression(draw: st.DrawFn, functions: list[str], values: list[str], depth: str) -> str:
    choices = ["one", f"two({depth})", "'s'", *values, *(f"{name}({depth})" for name in functions)]
    return " + ".join(draw(st.lists(st.sampled_from(choices), min_size=1, max_size=3)))


def _module(draw: st.DrawFn, esm: bool, end: str, items: list[_Item], visible: list[str]) -> Generated:
    lines = ["// Copyright: nobody", ""]
    if not esm and draw(st.booleans()):
        lines = [*lines[:1], "'use strict'" + end, ""]
    if esm:
        lines += [f"import {{ one, two }} from './lib.mjs'{end}", f"import './effect.mjs'{end}", ""]
    else:
        lines += [f"const {{ one, two }} = require('./lib.cjs'){end}", f"require('./effect.cjs'){end}", ""]
    inline = {name for name in visible if draw(st.booleans())}
    listed = [name for name in visible if name not in inline]
    style = draw(st.sampled_from(["list", "each"]))
    for number, item in enumerate(items):
        lines.append(f"// item {number}")
        text = item.text
        if item.name in inline and item.kind != "counter" and item.kind != "registry":
            if esm:
                text = "export " + text
            else:
                text += f"\nexports.{item.name} = {item.name}{end}" if style == "each" else ""
        elif item.name in inline:
            listed.append(item.name)
        if item.name in inline and not esm and style == "list" and item.name not in listed:
            listed.append(item.name)
        lines += [text, ""]
    exported = list(visible)
    if esm and listed:
        renamed = draw(st.booleans())
        names = [f"{listed[0]} as x0" if renamed else listed[0], *listed[1:]]
        exported = [name for name in exported if name != listed[0]] + ["x0" if renamed else listed[0]]
        lines.append(f"export {{ {', '.join(names)} }}{end}")
    elif not esm and style == "list":
        lines.append(f"module.exports = {{\n{''.join(f'  {name},' + chr(10) for name in listed)}}}{end}")
    elif not esm:
        lines += [f"exports.{name} = {name}{end}" for name in listed]
    text = "\n".join(lines) + "\n"
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    names = tuple(dict.fromkeys(item.name for item in items if item.name))
    return Generated(esm, text, names, tuple(exported))


def caller(generated: Generated, module: str, style: str = "keys") -> str:
    """Give the program that tells all that a module's callers can see, as a function `tell()`.

    By its `keys`, as whoever is handed the module sees it; or by its names, each `imported`, or read from the `object`.
    """
    names = sorted(generated.exported)
    if style == "imported":
        listed = ", ".join(f"{name} as _{name}" if generated.esm else f"{name}: _{name}" for name in names)
        load = f"import {{ {listed} }} from '{module}';"
        if not generated.esm:
            load = f"const {{ {listed} }} = require('{module}');"
        seen = "{ " + ", ".join(f"{name}: _{name}" for name in names) + " }"
    else:
        load = f"import * as old from '{module}';" if generated.esm else f"const old = require('{module}');"
        seen = "old" if style == "keys" else "{ " + ", ".join(f"{name}: old.{name}" for name in names) + " }"
    export = "export function tell" if generated.esm else "exports.tell = function tell"
    return f"""\
{load}
{export}() {{
  const all = {seen};
  const seen = {{}};
  for (const name of Object.keys(all).sort()) {{
    const value = all[name];
    if (typeof value !== 'function') seen[name] = value;
    else if (/^class/.test(String(value))) seen[name] = [value.s, value.extra, new value().m(2)];
    else seen[name] = [value(2), value(1)];
  }}
  return seen;
}}
"""
