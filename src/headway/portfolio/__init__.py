"""What was declared: the user's files, read strictly, each value with its place, and checked as a whole."""
