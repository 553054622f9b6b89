"""What the tables and columns of RELION's star files mean."""
