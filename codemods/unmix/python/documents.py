"""Survey a file that is no Python: documents, configuration, build files.

Takes a file's decoded text and what became of the old modules, gives a Survey. A text is no program: where it cannot
be known which name is meant, a finding asks; the past (a changelog) and the migration file itself are left alone.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from unmix.edit import Edit
from unmix.errors import UnreadableSource
from unmix.finding import Finding
from unmix.python.code_blocks import CodeBlock, find_code_blocks
from unmix.python.commands import survey_commands
from unmix.python.context import Context
from unmix.python.directives import repeat_directive
from unmix.python.excerpt import Places
from unmix.python.layout import keep_layout
from unmix.python.left_alone import ending_of, is_left_alone, is_prose
from unmix.python.mentions import Form, Mention, find_mentions, is_in_url
from unmix.python.settings import INI, JSON, TOML, YAML, Setting, find_settings
from unmix.python.snippets import Snippet, SnippetSurvey, read_snippet, survey_snippets
from unmix.reference import Kind, Reference, Survey
from unmix.workspace import SourceFile

Span = tuple[int, int]

_RST = frozenset("rst rest txt text".split())
_LANGUAGES = {
    **dict.fromkeys(("yaml", "yml"), YAML),
    **dict.fromkeys(("json", "jsonc", "json5", "geojson", "webmanifest", "code-workspace"), JSON),
    **dict.fromkeys(("toml",), TOML),
    **dict.fromkeys(("ini", "cfg", "conf", "properties", "env", "service", "desktop", "editorconfig"), INI),
}


def survey_document(file: SourceFile, context: Context) -> Survey:
    """Survey one file; gives nothing for a changelog, a migration file or a report."""
    if is_left_alone(file.path, file.text):
        return Survey(file.path)
    name = file.path.rpartition("/")[2]
    ending = ending_of(file.path)
    if is_prose(file.path):
        return survey_prose(file.path, file.text, context, Kind.DOCUMENTATION, tables=ending in _RST)
    language = _LANGUAGES.get(ending) or _LANGUAGES.get(name.lstrip(".").lower(), "")
    return survey_settings(file.path, file.text, language, context)


def survey_prose(path: str, text: str, context: Context, kind: Kind, *, tables: bool = False) -> Survey:
    """Survey a text for people: its words, its directives, the Python in its code blocks.

    `tables` says that titles are underlined and tables drawn, as in reStructuredText.
    """
    mentions = find_mentions(text, context)
    blocks = find_code_blocks(text)
    if not mentions and not any(block.lines for block in blocks):
        return Survey(path)
    places = Places(text)
    read = [(block, snippet) for block in blocks if (snippet := _python(path, block)) is not None]
    code = [survey_snippets(path, [snippet for _, snippet in read], context, places, kind)]
    code += survey_commands(path, text, context, places, kind, [(block.start, block.end) for block, _ in read])
    settings = _settings_in_blocks(text, blocks, mentions)
    words = _Words(path, text, mentions, context, kind, places)
    settled = _Spans(span for survey in code for span in survey.settled)
    untouched = _Spans(span for survey in code for span in survey.untouched)
    region = 0
    for mention in mentions:
        if mention.span[0] < region or settled.touch(mention.extent) or words.is_logger(mention, settings):
            continue
        if mention.form is Form.MODULE and (repeated := repeat_directive(text, mention.span, mention.old, context)):
            words.refer(mention, "", ", ".join(repeated.parts), mention.span)
            words.edits.append(repeated.edit)
            region = repeated.edit.end
        elif untouched.touch(mention.extent):
            words.leave(mention)
        else:
            words.decide(mention)
    more, refused = keep_layout(text, words.edits) if tables else ([], [])
    for edit in refused:
        words.find(edit.start, "UNM010", "the column of this table is too narrow for the new name", "widen the table")
    words.add(code)
    return Survey(
        path,
        tuple(sorted(set(words.references))),
        tuple(sorted({*words.edits, *more} - set(refused))),
        tuple(sorted(set(words.findings))),
    )


def survey_settings(path: str, text: str, language: str, context: Context) -> Survey:
    """Survey a text that programs read; `language` is one of settings.py, or empty."""
    mentions = find_mentions(text, context)
    if not mentions:
        return Survey(path)
    settings = find_settings(text, language, [mention.span[0] for mention in mentions]) if language else {}
    words = _Words(path, text, mentions, context, Kind.CONFIG, Places(text))
    commands = list(survey_commands(path, text, context, words.places, Kind.CONFIG))
    words.add(commands)
    settled = _Spans(span for survey in commands for span in (*survey.settled, *survey.untouched))
    for mention in mentions:
        if settled.touch(mention.extent):
            continue
        setting = settings.get(mention.span[0], Setting(()))
        if (language == TOML and setting.is_migration) or words.is_logger(mention, settings):
            continue
        if mention.form is Form.NAME or not setting.ships_modules:
            words.decide(mention)
    return Survey(path, tuple(sorted(words.references)), tuple(sorted(words.edits)), tuple(sorted(set(words.findings))))


def is_logger(text: str, mention: Mention) -> bool:
    """Say whether the words around a mention show that it is the name of a logger."""
    if mention.form not in (Form.MODULE, Form.NAME):
        return False
    start, end = mention.extent
    before = text[max(0, start - 40) : start]
    return bool(_LOGGER_BEFORE.search(before) or _LOGGER_BEHIND.match(text, end))


class _Words:
    """What the mentions of one text become."""

    def __init__(
        self, path: str, text: str, mentions: Sequence[Mention], context: Context, kind: Kind, places: Places
    ) -> None:
        self.path = path
        self.text = text
        self.mentions = mentions
        self.context = context
        self.kind = kind
        self.places = places
        self.references: list[Reference] = []
        self.edits: list[Edit] = []
        self.findings: list[Finding] = []

    def add(self, surveys: Iterable[SnippetSurvey]) -> None:
        """Add what pieces of code in the text hold."""
        for survey in surveys:
            self.references += survey.references
            self.edits += survey.edits
            self.findings += survey.findings

    def decide(self, mention: Mention) -> None:
        """Add the reference and the edit that a mention is, or the finding that says why not."""
        match mention.form:
            case Form.PATH:
                self.ask(
                    mention, f"the file of {mention.old} is named, and not what of it is meant", "name the file of"
                )
            case Form.MODULE:
                self.module(mention)
            case Form.NAME | Form.IMPORT:
                self.names(mention)

    def names(self, mention: Mention) -> None:
        """`old.name` → `home.name`; `from old import a, b` where one part holds both."""
        old = mention.old
        if mention.form is Form.NAME and self.is_submodule(f"{old}.{mention.names[0][0]}"):
            return
        if not self.context.relocation(old).homes:
            self.ask(mention, f"{old} is named, and what it defined is not known", "name")
            return
        homes = {name: self.home(old, name) for name, _ in mention.names}
        unknown = next((name for name, home in homes.items() if home is None), None)
        if unknown is not None:
            self.unknown(mention, unknown)
            return
        modules = list(dict.fromkeys(home[0] for home in homes.values() if home is not None))
        if len(modules) > 1:
            self.ask(mention, f"these names of {old} live in several parts now", "import them from")
        elif is_in_url(self.text, mention.span[0]):
            self.ask(mention, f"{old} is named in a web address", "see whether the page speaks of")
        else:
            for name, span in mention.names:
                module, new = homes[name] or ("", "")
                self.refer(mention, name, f"{module}.{new}", span)
                if new != name:
                    self.edits.append(Edit(*span, new))
            self.edits.append(Edit(*mention.span, modules[0]))

    def home(self, old: str, name: str) -> tuple[str, str] | None:
        """Give the module and the name by which a name of an old module is to be reached."""
        seen: set[str] = set()
        while old not in seen and old in self.context.olds:
            seen.add(old)
            part = self.context.part_for(old, name)
            if part is None:
                home = self.context.home(old, name)
                return None if home is None or not home.name else (home.module, home.name)
            old = part
        return old, name

    def is_submodule(self, module: str) -> bool:
        """Say whether the old module is a package, and its own submodule is named."""
        parts = {part for relocation in self.context.relocations for part in relocation.parts}
        return module in parts or self.context.index.finder.path_of(module) is not None

    def unknown(self, mention: Mention, name: str) -> None:
        old = f"{mention.old}.{name}"
        if "." not in mention.old and not self.is_marked(mention):
            return
        message = f"`{old}` is named, and {mention.old} does not define it"
        code = "UNM003" if self.kind is Kind.CONFIG else "UNM010"
        self.find(mention.span[0], code, message, "name what is meant", old)

    def module(self, mention: Mention) -> None:
        """The module alone: `python -m old` goes where its script went; else nobody knows which part is meant."""
        old = mention.old
        if "." not in old and not self.is_marked(mention):
            return
        main = self.context.relocation(old).main
        if main and self.text[mention.span[0] : mention.span[1]] == old and self.is_run(mention):
            self.refer(mention, "", main, mention.span)
            self.edits.append(Edit(*mention.span, main))
        elif modules := self.imported(mention):
            self.refer(mention, "", ", ".join(modules), mention.span)
            self.edits.append(Edit(*mention.span, ", ".join(modules)))
        else:
            self.ask(mention, f"the module {old} is named, and not which of its names is meant", "name")

    def imported(self, mention: Mention) -> list[str]:
        """Give the modules that a line `import old` has to import for the names that are read below it, if it is one.

        python - <<END
        import old
        old.name()
        END
        """
        start, end = mention.span
        above = self.text[self.text.rfind("\n", 0, start) + 1 : start]
        if not re.fullmatch(r"[ \t]*import[ \t]+", above) or not _LINE_END.match(self.text, end):
            return []
        below = (use for use in self.mentions if use.span[0] > end and use.old == mention.old)
        uses = [use for use in below if use.form in (Form.NAME, Form.MODULE)]
        read = [use.names[0][0] for use in uses if use.form is Form.NAME]
        homes = [self.home(mention.old, name) for name in read]
        if len(read) < len(uses) or None in homes:
            return []
        return sorted({home[0] for home in homes if home is not None})

    def is_run(self, mention: Mention) -> bool:
        start = mention.span[0]
        return bool(_RUN.search(self.text, self.text.rfind("\n", 0, start) + 1, start))

    def is_marked(self, mention: Mention) -> bool:
        """Say whether a mention stands in quotation marks of some kind: an undotted name may be any word."""
        start, end = mention.extent
        return self.text[start - 1 : start] in ("`", '"', "'") and self.text[end : end + 1] in ("`", '"', "'")

    def is_logger(self, mention: Mention, settings: dict[int, Setting]) -> bool:
        """Say whether a mention is the name of a logger: those keep the old module's name."""
        setting = settings.get(mention.span[0])
        if setting is not None and setting.is_logger and mention.form in (Form.MODULE, Form.NAME):
            return True
        return is_logger(self.text, mention)

    def leave(self, mention: Mention) -> None:
        """Ask about a mention beside code that stays as it is, where it would be asked about anyway."""
        kept = list(self.edits), list(self.references)
        self.decide(mention)
        self.edits, self.references = kept

    def ask(self, mention: Mention, why: str, verb: str) -> None:
        parts = ", ".join(self.context.relocation(mention.old).parts)
        self.find(mention.span[0], "UNM010", why, f"{verb} the part that is meant: {parts}", mention.old)

    def refer(self, mention: Mention, name: str, new: str, span: Span) -> None:
        start = mention.span[0] if mention.form is Form.NAME else span[0]
        line, column = self.places.place(start)
        reference = Reference(self.path, line, column, start, span[1], self.kind, "UNM003", mention.old, name, new)
        self.references.append(reference)

    def find(self, offset: int, code: str, message: str, hint: str, old: str = "") -> None:
        line, column = self.places.place(offset)
        self.findings.append(Finding(self.path, line, column, code, message, old, "", hint))


_LINE_END = re.compile(r"[^\S\n]*(?:\n|\Z)")
# python -m app.db.old    ["python", "-m", "app.db.old"]    coverage run -m app.db.old
_RUN = re.compile(r"(?:\bpy(?:thon|py)?[\d.]*\b|\brun\b|\bpdb\b)[^\n]*-m[\"',\s]+\Z")
_LOGGER_BEFORE = re.compile(
    r"(?:getLogger|get_logger|at_level|set_level|assertLogs|assertNoLogs)\([\"']\Z|\blogger=[\"']?\Z|\bloggers?\b[\s:]*[`\"'*]*\Z"
)
_LOGGER_BEHIND = re.compile(
    r"[`\"'*]*[ \t]+loggers?\b|[\"']?\s*[:=]\s*[\"']?(?:DEBUG|INFO|WARN(?:ING)?|ERROR|CRITICAL|FATAL|NOTSET)\b",
    re.IGNORECASE,
)


class _Spans:
    """Spans of a text, to ask whether another one touches any."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._spans = sorted(span for span in spans if span[0] < span[1])
        self._reach: list[int] = []
        for _, end in self._spans:
            self._reach.append(max(end, self._reach[-1] if self._reach else 0))

    def touch(self, span: Span) -> bool:
        before = bisect_right(self._spans, (span[1] - 1, span[1] - 1)) - 1
        return before >= 0 and self._reach[before] > span[0]


def _python(path: str, block: CodeBlock) -> Snippet | None:
    """Parse a block of code; None where it is no Python, or only looks like it."""
    if not block.lines or (not block.language and not any("import" in line.text for line in block.lines)):
        return None
    try:
        return read_snippet(path, block.lines)
    except UnreadableSource:
        return None


def _settings_in_blocks(text: str, blocks: Iterable[CodeBlock], mentions: Iterable[Mention]) -> dict[int, Setting]:
    """Give the settings around mentions in examples of configuration files."""
    found: dict[int, Setting] = {}
    places = [mention.span[0] for mention in mentions]
    for block in blocks:
        language = _LANGUAGES.get(block.language)
        own = [place - block.start for place in places if block.start <= place < block.end] if language else []
        if language and own:
            inside = find_settings(text[block.start : block.end], language, own)
            found.update({block.start + place: setting for place, setting in inside.items()})
    return found
