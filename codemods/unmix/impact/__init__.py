"""What hangs on a module: every name, every reference to it, and the questions to ask before one is removed."""
