"""Models of every library, each described once, where it comes in."""
