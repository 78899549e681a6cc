"""``python -m claimtrace``: the command line without its script."""

from claimtrace.cli import main

if __name__ == "__main__":
    main()
