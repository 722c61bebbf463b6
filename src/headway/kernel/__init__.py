"""The words every room shares: records, codes, money, time and digests. Standard library only, no I/O."""
