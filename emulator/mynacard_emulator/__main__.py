"""`python -m mynacard_emulator` is `mynacard`."""

from .cli import main

if __name__ == "__main__":
    main()
