"""The command line: parse words, call one use case, render, exit."""
