"""One use case per file; the command line and the web call the same ones."""
