"""Tables of text of any columns: how they are laid out, and what the user says they hold."""
