"""The window that lays maps over a reference, to be looked at before anything is written."""
