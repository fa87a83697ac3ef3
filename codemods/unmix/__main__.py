"""`python -m unmix` is `unmix`."""

from __future__ import annotations

from unmix.cli import main

if __name__ == "__main__":
    main(prog_name="unmix")
