"""The attribution methods, one file each, and `explain`."""
