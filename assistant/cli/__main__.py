"""``python -m assistant.cli``: the same command."""

from assistant.cli import main

main()
