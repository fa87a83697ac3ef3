"""A project whose names, paths and texts try to get out of where they are quoted."""

from __future__ import annotations

from pathlib import Path

from trees import plant

# In a path, a backtick and a bar would end a Markdown cell, and the tags would be markup in a page.
PATH = "app/<img src=x onerror=alert(1)>`|@all&amp;.py"

CALLER = (
    b"from app.mixed import keep, gone\n\n"
    b"# </td></table><script>document.title = 'owned'</script> ``` </details> \xe2\x80\xae \x1b[31m\n"
    b"print(keep('<b>&'), gone())  # </script><!-- {{ 7 * 7 }} {% raw %}\n"
)

MIXED = b'''"""Mixed <em>concerns</em>."""

LIMIT = 3  # </style>


def keep(text):
    return text[:LIMIT]


class Gone:
    def run(self):
        return keep("x")


def gone():
    return Gone().run()
'''

SETTINGS = b"""[[split]]
module = "app.mixed"
[split.into]
"app.leaving" = ["Gone", "gone"]
"app.staying" = ["*"]
"""


def plant_hostile(root: Path, callers: int = 0) -> Path:
    """Plant the project, with as many harmless callers besides."""
    files: dict[str, bytes | str] = {
        "unmix.toml": SETTINGS,
        "app/__init__.py": b"",
        "app/mixed.py": MIXED,
        PATH: CALLER,
        "app/passes_it_on.py": b"from app import mixed\n\n\ndef get(name):\n    return getattr(mixed, name)\n",
    }
    for number in range(callers):
        files[f"app/caller_{number}.py"] = f"import app.mixed\n\nprint(app.mixed.gone(), {number})\n".encode()
    return plant(root, files)
