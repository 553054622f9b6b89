"""What one can ask for, one file each: a request, `run`, and a result that prints as words or JSON.

The window and the command line call the same tasks, so that they cannot come to differ.
"""
