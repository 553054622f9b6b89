"""The syntax of STAR files: blocks, tables, cells; where every row lies and how to copy some."""
