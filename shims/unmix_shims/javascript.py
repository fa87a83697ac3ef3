"""The JavaScript and TypeScript shim: what stays at the path of a module whose names live in other modules now.

Takes a JavaScriptShim, the table of where every name went, and gives the text of the file; reads that text back.
Must not run the module that it writes about.

An ES module is a list of re-exports, one tag for editors on each, and one warning a process. A CommonJS module is a
table, then MACHINERY: the same words in every such shim, to be reviewed once. A `.d.ts` has the re-exports alone.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

ESM = "esm"
COMMONJS = "commonjs"
DECLARATIONS = "declarations"


@dataclass(frozen=True, slots=True)
class JavaScriptShim:
    """An old module, and where each of its exports lives now.

    `module` is the path of the old module; `style` is ESM, COMMONJS or DECLARATIONS (a `.d.ts`);
    `parts` are the new modules in the order in which they are loaded, each with the specifier that reaches it;
    `homes` maps each exported name to its part (every part exports it under the same name); `types` are those of them
    that are types alone; `stars` are the specifiers of `export * from` that the old module had; `whole` is the part
    whose `module.exports` is that of the old module, where that is a function or a class rather than a list of names;
    `es_module` says that a CommonJS module says of itself that it was an ES module once (`__esModule`);
    `preamble` is the text that has to stay first: licence, directives, `#!`.
    """

    module: str
    style: str
    parts: Mapping[str, str]
    homes: Mapping[str, str]
    types: frozenset[str] = frozenset()
    stars: tuple[str, ...] = ()
    whole: str = ""
    es_module: bool = False
    since: str = ""
    remove_in: str = ""
    preamble: str = ""
    quote: str = '"'
    semicolons: bool = True


def render_shim(shim: JavaScriptShim) -> str:
    """Give the whole text of the file that stays at the old path, with `\\n` as line ends."""
    sections = [shim.preamble, _show_header(shim)]
    sections += _show_commonjs(shim) if shim.style == COMMONJS else _show_exports(shim)
    if shim.style == ESM:
        sections.append(_show_warning(shim))
    return "\n".join(section for section in sections if section)


def read_shim(text: str, path: str) -> JavaScriptShim | None:
    """Give the table that the text of a shim at `path` shows, also of one reformatted by hand; None when it is no shim.

    What an unedited shim gives renders to the same text again.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    header = _HEADER.search(text)
    if header is None:
        return None
    body = text[header.end() :]
    parts = _PART.findall(header["parts"])
    style = COMMONJS if _OPENING in body else DECLARATIONS if _is_declaration(path) else ESM
    homes, types, stars, specifiers, whole = _read_commonjs(body) if style == COMMONJS else _read_exports(body)
    if len(specifiers) != len(parts):
        return None
    path_of = dict(zip(specifiers, parts, strict=True))
    quoted = re.search(r"""\bfrom (["'])""", body)
    statement = re.search(r"""^(?:\}|import) .*?(;?)$""", body, re.MULTILINE)
    return JavaScriptShim(
        module=header["module"],
        style=style,
        parts={path: specifier for specifier, path in path_of.items()},
        homes={name: path_of[specifier] for name, specifier in homes.items()},
        types=types,
        stars=stars,
        whole=path_of.get(whole, ""),
        es_module=style == COMMONJS and _ES_MODULE in body,
        since=header["since"] or "",
        remove_in=header["until"] or "",
        preamble=text[: header.start()].removesuffix("\n"),
        quote=quoted[1] if quoted and style != COMMONJS else '"',
        semicolons=style == COMMONJS or statement is None or statement[1] == ";",
    )


_HEADER = re.compile(
    r"""
    ^//[ ]unmix[ ]shim[ ]1:[ ](?P<module>.+?)[ ]moved(?:,[ ]since[ ](?P<since>.+?),)?[ ]to\n
    (?P<parts>(?://[ ]{3}.+\n)+)
    //[ ]Old[ ]code[ ]keeps[ ]working[ ]through[ ]this[ ]file[^\n]*?
    until[ ]it[ ]is[ ]removed(?:[ ]in[ ](?P<until>.+))?\.\n
    """,
    re.MULTILINE | re.VERBOSE,
)
_PART = re.compile(r"^//   (.+)$", re.MULTILINE)
_EXPORTS = re.compile(
    r"""export\s+(?P<type>type\s+)?\{(?P<names>.*?)\}\s*from\s*(["'])(?P<from>[^"'\n]+)\3"""
    r"""|(?P<star>export)\s*\*\s*from\s*(["'])(?P<all>[^"'\n]+)\6"""
    r"""|^import\s+(["'])(?P<effect>[^"'\n]+)\8""",
    re.DOTALL | re.MULTILINE,
)
_ROW = re.compile(r"""^\s*(?:(["'])(?P<quoted>.+?)\1|(?P<plain>[\w$]+)):\s*(["'])(?P<home>[^"'\n]+)\4,?\s*$""")
_ES_MODULE = 'Object.defineProperty(exports, "__esModule", { value: true });\n'
_OPENING = "const homes = {"
_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*\Z")

# A generated file is nobody's to tidy or to test: its text is what `unmix check` compares.
NOT_CHECKED = "// @ts-nocheck"
_FOR_TOOLS = "/* eslint-disable */ /* istanbul ignore file */ /* c8 ignore start */"


def _is_declaration(path: str) -> bool:
    return path.endswith((".d.ts", ".d.mts", ".d.cts"))


def _is_typescript(path: str) -> bool:
    return path.endswith((".ts", ".tsx", ".mts", ".cts"))


def _read_exports(body: str) -> tuple[dict[str, str], frozenset[str], tuple[str, ...], list[str], str]:
    homes: dict[str, str] = {}
    types: set[str] = set()
    stars: list[str] = []
    specifiers: dict[str, None] = {}
    for found in _EXPORTS.finditer(body):
        if found["star"]:
            stars.append(found["all"])
            continue
        specifier = found["from"] or found["effect"]
        specifiers[specifier] = None
        without_tags = re.sub(r"/\*.*?\*/", "", found["names"] or "", flags=re.DOTALL)
        for name in filter(None, (each.strip() for each in without_tags.split(","))):
            homes[name] = specifier
            if found["type"]:
                types.add(name)
    return homes, frozenset(types), tuple(stars), list(specifiers), ""


def _read_commonjs(body: str) -> tuple[dict[str, str], frozenset[str], tuple[str, ...], list[str], str]:
    table = body[body.index(_OPENING) + len(_OPENING) :]
    rows = table[: table.index("\n}")] if "\n}" in table else ""
    homes = {
        row["quoted"] or row["plain"]: row["home"] for row in (_ROW.match(line) for line in rows.split("\n")) if row
    }
    specifiers = re.findall(r"""^  (["'])([^"'\n]+)\1: \(\) => require\(""", body, re.MULTILINE)
    whole = re.search(r"""^module\.exports = passing\(require\((["'])([^"'\n]+)\1\)\)""", body, re.MULTILINE)
    return homes, frozenset(), (), [specifier for _, specifier in specifiers], whole[2] if whole else ""


def _show_header(shim: JavaScriptShim) -> str:
    since = f", since {shim.since}," if shim.since else ""
    until = f" in {shim.remove_in}" if shim.remove_in else ""
    warning = "" if shim.style == DECLARATIONS else ", with a DeprecationWarning,"
    lines = [
        f"// unmix shim 1: {shim.module} moved{since} to",
        *(f"//   {part}" for part in shim.parts),
        f"// Old code keeps working through this file{warning} until it is removed{until}.",
    ]
    if shim.style != DECLARATIONS:
        lines.append(_FOR_TOOLS)
    if shim.style == COMMONJS and NOT_CHECKED not in shim.preamble:
        lines.append(NOT_CHECKED)
    return "".join(line + "\n" for line in lines)


# ES modules: every name is re-exported, so that bundlers see through it and `let` stays live.


def _show_exports(shim: JavaScriptShim) -> Iterator[str]:
    end = ";" if shim.semicolons else ""
    for part, specifier in shim.parts.items():
        names = [name for name, home in shim.homes.items() if home == part]
        values = [name for name in names if name not in shim.types]
        types = [name for name in names if name in shim.types]
        source = f"{shim.quote}{specifier}{shim.quote}{end}\n"
        if not values and shim.style == ESM:
            yield f"import {source}"
        for keyword, group in (("export", values), ("export type", types)):
            if group:
                rows = "".join(f"  /** {_tag(shim, name, specifier)} */\n  {name},\n" for name in group)
                yield f"{keyword} {{\n{rows}}} from {source}"
    if shim.stars:
        yield "".join(f"export * from {shim.quote}{specifier}{shim.quote}{end}\n" for specifier in shim.stars)


def _tag(shim: JavaScriptShim, name: str, specifier: str) -> str:
    when = [f"since {shim.since}"] if shim.since else []
    when += [f"removed in {shim.remove_in}"] if shim.remove_in else []
    what = f"the default of {specifier}" if name == "default" else specifier
    return f"@deprecated use {what}" + (f" ({', '.join(when)})" if when else "")


def _show_warning(shim: JavaScriptShim) -> str:
    """Write the warning: it needs nothing that browsers lack, and uses no import that bundlers would have to keep."""
    q, end = shim.quote, ";" if shim.semicolons else ""
    typescript = _is_typescript(shim.module)
    lines = [
        "{",
        "  // Once a process, and where there is one: browsers have none.",
        "" if typescript else "  /** @type {any} */",
        f"  const realm{': any' if typescript else ''} = globalThis{end}",
        f"  const message = {_quote(_message(shim), q)}{end}",
        f"  const told = Symbol.for(message){end}",
        "  if (!realm[told] && realm.process && realm.process.emitWarning) {",
        f"    realm[told] = true{end}",
        f"    realm.process.emitWarning(message, {{ type: {q}DeprecationWarning{q}, code: {q}{_code(shim)}{q} }}){end}",
        "  }",
        "}",
    ]
    return "".join(line + "\n" for line in lines if line)


def _message(shim: JavaScriptShim) -> str:
    since = f" since {shim.since}" if shim.since else ""
    until = f" and will be removed in {shim.remove_in}" if shim.remove_in else ""
    return f"{shim.module} is deprecated{since}{until}: use {_enumerate(tuple(shim.parts))}"


def _enumerate(words: tuple[str, ...]) -> str:
    return ", ".join(words[:-1]) + " and " + words[-1] if len(words) > 1 else "".join(words)


def _code(shim: JavaScriptShim) -> str:
    """Give what `node --disable-warning=` takes: `prismaRetryWrapper.js` → UNMIX_PRISMA_RETRY_WRAPPER."""
    stem = posixpath.basename(shim.module).partition(".")[0]
    if stem == "index":
        stem = posixpath.basename(posixpath.dirname(shim.module)) or stem
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", stem)
    return "UNMIX_" + re.sub(r"\W+", "_", words, flags=re.ASCII).strip("_").upper()


def _quote(text: str, quote: str = '"') -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    return quoted if quote == '"' else "'" + quoted[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"


# CommonJS: a proxy, since writes to the old exports have to reach the part that reads them.


def _show_commonjs(shim: JavaScriptShim) -> Iterator[str]:
    message = f"is deprecated{f' since {shim.since}' if shim.since else ''}"
    message += f" and will be removed in {shim.remove_in}" if shim.remove_in else ""
    rows = "".join(f"  {_key(name)}: {_quote(shim.parts[home])},\n" for name, home in shim.homes.items())
    loads = "".join(
        f"  {_quote(specifier)}: () => require({_quote(specifier)}),\n" for specifier in shim.parts.values()
    )
    if shim.es_module:
        yield _ES_MODULE
    yield f"{_OPENING} // old name: where it lives now\n  __proto__: null,\n{rows}}};\n"
    yield f"const parts = {{ // in the order in which they are loaded\n{loads}}};\n"
    if shim.homes:
        names = "".join(
            f"  /** {_tag(shim, name, shim.parts[home])} */\n"
            f"  exports{_member(name)} = require({_quote(shim.parts[home])}){_member(name)};\n"
            for name, home in shim.homes.items()
        )
        comment = "// Never runs: the names as Node's ES modules, editors and type checkers read them."
        yield f"if (false) {{\n  {comment}\n{names}}}\n"
    yield (
        f"const old = {_quote(shim.module)};\nconst notice = {_quote(message)};\nconst code = {_quote(_code(shim))};\n"
    )
    yield MACHINERY
    if shim.whole:
        yield f"module.exports = passing(require({_quote(shim.parts[shim.whole])}));\n"
    else:
        # Set before the parts are loaded, so that modules in a circle find it, and in a way that type checkers do not
        # take for the one export: they read the names above.
        yield "Object.assign(module, { exports: passing(exports) });\n"
    yield "for (const specifier in parts) parts[specifier]();\n"


def _key(name: str) -> str:
    return name if _IDENTIFIER.match(name) and name != "__proto__" else _quote(name)


def _member(name: str) -> str:
    return f".{name}" if _IDENTIFIER.match(name) else f"[{_quote(name)}]"


MACHINERY = """\
// ---- From here on the text is the same in every CommonJS shim of unmix. -------------------------------------------

const moved = (name) => name in homes;
const partOf = (name) => parts[homes[name]]();

/**
 * Shows the names of the parts as properties of `own`, and passes every write on to where code looks a name up.
 * @template T
 * @param {T} own
 * @returns {T}
 */
function passing(own) {
  return new Proxy(own, {
    get: function get(own, name, receiver) {
      if (!moved(name)) return Reflect.get(own, name, receiver);
      warn(name, get);
      return partOf(name)[name];
    },
    set(own, name, value, receiver) {
      return moved(name) ? Reflect.set(partOf(name), name, value) : Reflect.set(own, name, value);
    },
    has: (own, name) => moved(name) || Reflect.has(own, name),
    ownKeys: (own) => [...new Set([...Object.keys(homes), ...Reflect.ownKeys(own)])],
    getOwnPropertyDescriptor(own, name) {
      if (!moved(name)) return Reflect.getOwnPropertyDescriptor(own, name);
      const found = Reflect.getOwnPropertyDescriptor(partOf(name), name);
      if (found === undefined) return undefined;
      // As plain data, also where the part has a getter: stubs are put over data.
      const enumerable = found.enumerable;
      return { value: partOf(name)[name], writable: true, enumerable, configurable: true };
    },
    defineProperty(own, name, descriptor) {
      return Reflect.defineProperty(moved(name) ? partOf(name) : own, name, { configurable: true, ...descriptor });
    },
    deleteProperty: (own, name) => Reflect.deleteProperty(moved(name) ? partOf(name) : own, name),
  });
}

const told = new Set();
const quiet = Object.create(null); // name: how many reads in a row came from places that were told

/** Warns once for each name and place in the code that reads it. */
function warn(name, trap) {
  const process = globalThis.process;
  if (!process || !process.emitWarning || process.noDeprecation) return;
  if ((quiet[name] = (quiet[name] || 0) + 1) > 50) return; // looking at the stack costs more than the read
  const place = readingPlace(trap);
  const key = place === AN_IMPORT ? place : `${name} ${place}`;
  if (told.has(key)) return;
  told.add(key);
  quiet[name] = 0;
  const what = place === AN_IMPORT ? old : `${name} of ${old}`;
  const where = place === AN_IMPORT ? Object.keys(parts).join(", ") : homes[name];
  const message = `${what} ${notice}: use ${where} (at ${place})`;
  process.emitWarning(message, { type: "DeprecationWarning", code, ctor: trap });
}

const AN_IMPORT = "an import of an ES module";

/** Gives the file and line that reads the name: not Node's own, and not a library that reads for its caller. */
function readingPlace(trap) {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder = {};
  let frames;
  try {
    Error.stackTraceLimit = 12;
    Error.prepareStackTrace = (_, frames) => frames;
    Error.captureStackTrace(holder, trap);
    frames = holder.stack.map((frame) => ({ file: frame.getFileName() || "", line: frame.getLineNumber() }));
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    Error.prepareStackTrace = prepareStackTrace;
  }
  // Node copies every name for an `import`, and has no line to give.
  if (frames.length && frames[0].file.startsWith("node:internal/modules/esm")) return AN_IMPORT;
  const onBehalf = /^$|^node:|[\\\\/]node_modules[\\\\/](sinon|jest-mock|tslib)[\\\\/]/;
  const frame = frames.find(({ file }) => !onBehalf.test(file));
  return frame ? `${frame.file}:${frame.line}` : "a place that is not known";
}
"""
