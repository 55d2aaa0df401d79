"""What every other room stands on: checks, tables, work over rows, `Explanation`."""
