"""Pure functions over sums and small arrays; numpy and scipy only."""
