"""Did it move the outcome: one file per design behind one port, one record out of all of them."""
