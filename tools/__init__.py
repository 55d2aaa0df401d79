"""What the Makefile calls: set-up, the book build, the server and the lock."""
