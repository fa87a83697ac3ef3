"""Say which names are there without an import in one tree, beside those that every program has.

Takes a name and the workspace, gives yes or no: something makes it global as it runs, a declaration says it is, or the
settings of a tool define it. Opens only files that have the name in them, and only when it is asked.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field

from unmix.errors import UnreadableSource
from unmix.workspace import Workspace

_SCRIPTS = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".tsx", ".mts", ".cts", ".vue", ".svelte")
_SETTINGS = re.compile(r"config|^\.eslintrc|^\.?(?:jest|webpack|vite|rollup|babel)\b|^package\.json$|^\.jshintrc$")

# What lets names of other files be used without an import.
_BRINGERS = frozenset(
    ("nuxt", "nuxt3", "@nuxt/kit", "unplugin-auto-import", "unimport", "wxt", "nitropack", "@wxt-dev/auto-imports")
)


@dataclass(slots=True)
class AmbientNames:
    """The names of one tree that need no import; each is looked up once."""

    workspace: Workspace
    _known: dict[str, bool] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Say whether something in the tree makes `name` global."""
        if name not in self._known:
            self._known[name] = any(self._is_made(name, path) for path in self.workspace.containing((name,)))
        return self._known[name]

    def _is_made(self, name: str, path: str) -> bool:
        settings = _SETTINGS.search(posixpath.basename(path)) is not None
        if not settings and not path.endswith(_SCRIPTS):
            return False
        try:
            text = self.workspace.read(path).text
        except UnreadableSource:
            return False
        word = rf"{re.escape(name)}(?![\w$])"
        # { globals: { name: "readonly" } }   new DefinePlugin({ name: "1" })
        if settings and re.search(rf"(?<![\w$.])[\"']?{word}[\"']?\s*:", text):
            return True
        # globalThis.name = …   window["name"] = …   Object.assign(global, { name })
        owner = r"\b(?:globalThis|global|window|self)"
        member = rf"{owner}\s*(?:as\s+any\s*\)\s*)?(?:\.\s*|\[\s*[\"']){word}(?:[\"']\s*\])?"
        if re.search(member + r"\s*(?:\?\?|\|\|)?=(?!=)", text):
            return True
        if re.search(rf"\b(?:assign|define\w*)\(\s*{owner}\s*,[^;]*?(?<![\w$.]){word}", text):
            return True
        # declare global { function name(): void }   declare const name: string
        if path.endswith(".d.ts") and not re.search(r"^(?:export|import)\b", text, re.MULTILINE):
            declaring = text
        else:
            declaring = text.partition("declare global")[2]
        return re.search(rf"\b(?:function|const|let|var|class|namespace|enum)\s+{word}", declaring) is not None


def brings_names(fields: object) -> bool:
    """Say whether a package.json asks for a tool that lets names of other files be used without an import."""
    tables = [fields.get(key) for key in _DEPENDENCIES] if isinstance(fields, dict) else []
    return any(not _BRINGERS.isdisjoint(table) for table in tables if isinstance(table, dict))


_DEPENDENCIES = ("dependencies", "devDependencies", "peerDependencies")
