"""`python -m chengdan` is the `chengdan` command."""

from chengdan.config.cli import main

if __name__ == "__main__":
    main()
