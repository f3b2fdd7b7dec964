"""Language, flags, pages, API and command line: the top floor."""
