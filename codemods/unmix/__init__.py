"""unmix splits a module that mixes concerns, rewrites every call site, and leaves a deprecation shim behind."""

from __future__ import annotations

__version__ = "0.1.0"
