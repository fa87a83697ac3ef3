"""The Python engine; LibCST lives only below this package."""
