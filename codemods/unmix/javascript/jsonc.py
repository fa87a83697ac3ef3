"""Read JSON as tools for JavaScript write it: with comments and commas at the end.

Takes a text, gives plain values; None where it is not even that.
"""

from __future__ import annotations

import json
import re
from typing import Any

_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|//[^\r\n]*|/\*.*?\*/|,(?=(?:\s|//[^\r\n]*|/\*.*?\*/)*[}\]])', re.DOTALL)


def read_jsonc(text: str) -> Any:
    """Give the value of a JSON text, with or without comments and trailing commas; None when it is none."""
    try:
        return json.loads(text)
    except ValueError:
        pass
    try:
        return json.loads(_TOKEN.sub(lambda match: match.group() if match.group()[0] == '"' else "", text))
    except (ValueError, RecursionError):
        return None
