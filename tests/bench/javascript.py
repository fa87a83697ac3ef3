"""Measure unmix beside TypeScript's language service, ts-morph and jscodeshift, on one generated tree, in one run.

    python tests/bench/javascript.py [--files 5000] [--runs 3] [--peers FOLDER] [--write docs/speed.md]

The tree is a git repository of TypeScript modules (seeded), of which 50 import the module that is split. Tools take
turns, so that a busy machine slows them alike; the ratios are of processor time, all processes and threads counted.
Peers are installed with npm into a folder of their own. unmix's bytecode is compiled before, as installing it does.
"""

from __future__ import annotations

import argparse
import compileall
import json
import random
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from compare import IMPORTERS, Tool, commit, machine, restore, take_turns

PEERS = ("typescript@5", "ts-morph@25", "jscodeshift@17")
MIXED = """/** Two concerns in one module. */
import { readFileSync } from "node:fs";

export const retries = 3;

export class Wrapper {
  constructor(readonly client: unknown) {}
}

export function createWrapper(client: unknown): Wrapper {
  return new Wrapper(client);
}

export function withRetry<T>(operation: () => T): T {
  for (let attempt = 0; attempt < retries; attempt++) {
    try {
      return operation();
    } catch {
      readFileSync("/dev/null");
    }
  }
  return operation();
}
"""
MIGRATION = """[[split]]
module = "src/core/retryWrapper.ts"
[split.into]
"src/core/clientWrapper.ts" = ["Wrapper", "createWrapper"]
"src/core/retryUtils.ts" = ["*"]
"""
NODE = """declare module "node:fs" {
  export function readFileSync(path: string): string;
}
"""
USE = """
export const connect = (raw: unknown) => withRetry(() => createWrapper(raw));
"""
SETTINGS = {
    "compilerOptions": {
        "target": "es2022",
        "module": "esnext",
        "moduleResolution": "bundler",
        "strict": True,
        "noEmit": True,
        "types": ["node"],
    },
    "include": ["src"],
}

# "Move to file" of one of the two parts: what an editor asks TypeScript's language service for.
SERVICE = """
const ts = require("typescript"), fs = require("fs"), path = require("path");
const root = process.cwd();
const config = ts.parseJsonConfigFileContent(JSON.parse(fs.readFileSync("tsconfig.json", "utf8")), ts.sys, root);
const host = {
  getScriptFileNames: () => config.fileNames, getScriptVersion: () => "1", getCurrentDirectory: () => root,
  getScriptSnapshot: (f) => fs.existsSync(f) ? ts.ScriptSnapshot.fromString(fs.readFileSync(f, "utf8")) : undefined,
  getCompilationSettings: () => config.options, getDefaultLibFileName: (o) => ts.getDefaultLibFilePath(o),
  fileExists: ts.sys.fileExists, readFile: ts.sys.readFile, readDirectory: ts.sys.readDirectory,
  directoryExists: ts.sys.directoryExists, getDirectories: ts.sys.getDirectories,
};
const service = ts.createLanguageService(host);
const old = path.join(root, "src/core/retryWrapper.ts"), text = fs.readFileSync(old, "utf8");
const range = { pos: text.indexOf("export class Wrapper"), end: text.indexOf("export function withRetry") - 2 };
const { edits } = service.getEditsForRefactor(old, ts.getDefaultFormatCodeSettings(), range, "Move to file",
  "Move to file", {}, { targetFile: path.join(root, "src/core/clientWrapper.ts") });
for (const { fileName, textChanges } of edits) {
  let code = fs.existsSync(fileName) ? fs.readFileSync(fileName, "utf8") : "";
  for (const { span, newText } of [...textChanges].reverse())
    code = code.slice(0, span.start) + newText + code.slice(span.start + span.length);
  fs.writeFileSync(fileName, code);
}
console.log(edits.length);
"""
# The import statements of one module, rewritten in every file that has one; the module itself is not split.
MORPH = """
const { Project } = require("ts-morph");
const project = new Project({ tsConfigFilePath: "tsconfig.json" });
const old = project.getSourceFileOrThrow("src/core/retryWrapper.ts"), moved = ["Wrapper", "createWrapper"];
let count = 0;
for (const file of project.getSourceFiles())
  for (const declaration of file.getImportDeclarations()) {
    if (declaration.getModuleSpecifierSourceFile() !== old) continue;
    const names = declaration.getNamedImports().filter((each) => moved.includes(each.getName()));
    const specifier = declaration.getModuleSpecifierValue();
    file.addImportDeclaration({ namedImports: names.map((each) => each.getName()),
      moduleSpecifier: specifier.replace("retryWrapper", "clientWrapper") });
    for (const each of names) each.remove();
    declaration.setModuleSpecifier(specifier.replace("retryWrapper", "retryUtils"));
    count++;
  }
project.saveSync();
console.log(count);
"""
SHIFT = """
module.exports = function (file, api) {
  const j = api.jscodeshift, root = j(file.source), moved = ["Wrapper", "createWrapper"];
  const found = root.find(j.ImportDeclaration, (node) => /\\/retryWrapper$/.test(node.source.value));
  if (!found.size()) return undefined;
  found.forEach((path) => {
    const { specifiers, source } = path.node, write = (name) => j.literal(source.value.replace("retryWrapper", name));
    const is = (each) => moved.includes(each.imported.name);
    j(path).replaceWith([j.importDeclaration(specifiers.filter(is), write("clientWrapper")),
      j.importDeclaration(specifiers.filter((each) => !is(each)), write("retryUtils"))]);
  });
  return root.toSource();
};
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])  # type: ignore[union-attr]
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--peers", type=Path, help="a folder that has the peers, or gets them")
    parser.add_argument("--write", type=Path, help="a Markdown file whose table is replaced")
    options = parser.parse_args()
    here = Path(__file__).parent.parent.parent
    for sources in ("codemods", "shims"):
        compileall.compile_dir(here / sources, quiet=1)
    with tempfile.TemporaryDirectory() as folder:
        text = measure_all(Path(folder), install_peers((options.peers or Path(folder, "peers")).resolve()), options)
    print(text)
    if options.write:
        inside = re.compile(r"(<!-- measured: scripts -->\n).*?(<!-- end: scripts -->)", re.DOTALL)
        before = options.write.read_text()
        options.write.write_text(inside.sub(lambda match: f"{match[1]}\n{text}\n{match[2]}", before))


def install_peers(place: Path) -> Path:
    if not (place / "node_modules" / "jscodeshift").exists():
        place.mkdir(parents=True, exist_ok=True)
        (place / "package.json").write_text("{}")
        subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", *PEERS], cwd=place, check=True)
    for name, program in (("service", SERVICE), ("morph", MORPH), ("shift", SHIFT)):
        (place / f"{name}.cjs").write_text(program)
    return place


def measure_all(folder: Path, peers: Path, options: argparse.Namespace) -> str:
    root = folder / "tree"
    make_tree(root, options.files)
    shift = ["--parser=ts", "--extensions=ts", "--silent", "-t", peers / "shift.cjs", "src"]
    tools = [
        Tool("`unmix migrate`: everything", [sys.executable, "-m", "unmix", "migrate"]),
        Tool("TypeScript's language service: *Move to file*, one part", ["node", peers / "service.cjs"]),
        Tool("ts-morph: the import statements", ["node", peers / "morph.cjs"]),
        Tool("jscodeshift: the import statements", ["node", peers / "node_modules/.bin/jscodeshift", *shift]),
    ]
    rows = take_turns(tools, options.runs, root, check_work)
    first = statistics.median(run.processor for run in rows[0][1])
    lines = [machine(), "", f"### Rewriting {IMPORTERS} importers among {options.files:,} files of TypeScript", ""]
    lines += ["| | processor s | ratio | median s | peak MB |", "|---|---|---|---|---|"]
    for tool, runs in rows:
        processor, seconds = (statistics.median(getattr(run, key) for run in runs) for key in ("processor", "seconds"))
        peak = max(run.megabytes for run in runs)
        lines.append(f"| {tool.name} | {processor:.2f} | {processor / first:.1f} | {seconds:.2f} | {peak:.0f} |")
    return "\n".join([*lines, ""])


def check_work(root: Path) -> None:
    """Make sure that a tool did the work that it is measured at, and put the tree back."""
    names = subprocess.run(["git", "diff", "--name-only"], cwd=root, check=True, capture_output=True, text=True).stdout
    changed = sum("/area" in name for name in names.splitlines())
    if changed != IMPORTERS:
        sys.exit(f"a tool changed {changed} of {IMPORTERS} importers")
    restore(root)


def make_tree(root: Path, files: int) -> None:
    """Write a git repository of `files` modules of which IMPORTERS import the mixed one."""
    rng = random.Random(1)
    (root / "src" / "core").mkdir(parents=True)
    (root / "src" / "core" / "retryWrapper.ts").write_text(MIXED)
    (root / "unmix.toml").write_text(MIGRATION)
    (root / "tsconfig.json").write_text(json.dumps(SETTINGS))
    (root / "src" / "node.d.ts").write_text(
        'declare module "node:fs" {\n  export function readFileSync(path: string): string;\n}\n'
    )
    legacy = set(rng.sample(range(files), IMPORTERS))
    for number in range(files):
        area = root / "src" / f"area{number // 100:04}"
        area.mkdir(exist_ok=True)
        # Every module imports the one before it in its area.
        head = (
            f'import {{ handle0 as before }} from "./module{number - 1:06}";\n'
            if number % 100
            else "const before = 0;\n"
        )
        if number in legacy:
            head += 'import { createWrapper, withRetry } from "../core/retryWrapper";\n'
        body = "".join(
            f"\n/** Handle one kind of request. */\n"
            f"export function handle{n}(request: {{ id: number }}[], limit = {rng.randrange(100)}) {{\n"
            f"  const rows = request.filter((row) => row.id > limit);\n"
            f"  return {{ count: rows.length, rows: rows.map((row) => `${{row.id}}`).sort() }};\n}}\n"
            for n in range(20)
        )
        use = (
            "\nexport const connect = (raw: unknown) => withRetry(() => createWrapper(raw));\n"
            if number in legacy
            else ""
        )
        (area / f"module{number:06}.ts").write_text(f"{head}{body}{use}\nexport {{ before }};\n")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    commit(root)


if __name__ == "__main__":
    main()
