"""The search for the nearest row with another answer: its space, the answer, the search."""
