"""Plain tables of text: rows found and copied byte for byte, columns of numbers read fast."""
