"""``python -m assistant.cli``: the same command."""

from assistant.cli import main

if __name__ == "__main__":
    main()
