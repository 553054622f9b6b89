"""A package, for fixtures that all its modules share."""
