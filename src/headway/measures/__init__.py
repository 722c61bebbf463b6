"""Facts in, estimates out. A measure says which sums it needs, then turns them into estimates."""
