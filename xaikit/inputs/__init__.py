"""Rows, background and baseline as a described model takes them; columns and coalitions."""
