"""The texts that unmix leaves at the old path of a module that was split: one file a language.

Imports nothing of unmix and nothing but the standard library: a shim says everything that is needed to write it.
"""

from __future__ import annotations
