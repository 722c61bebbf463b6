"""How what was decided reaches the units it is for."""
