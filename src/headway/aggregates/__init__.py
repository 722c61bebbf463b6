"""Ask once: measures say which sums they need, every source is read once for all of them."""
