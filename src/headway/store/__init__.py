"""What happened, kept: entries in the order they were made, and the documents they rest on."""
