"""The JavaScript and TypeScript engine; tree-sitter lives only here."""
