"""Plans at the pages: in an address, as chips that show and change the reading, and what can be asked next."""
