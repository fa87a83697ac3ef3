"""How a module could be split: which of its definitions belong together, and why."""
