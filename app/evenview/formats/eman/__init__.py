"""What EMAN2's files have in common: transforms and the JSON that holds them."""
