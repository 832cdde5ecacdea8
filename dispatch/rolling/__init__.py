"""Planning again after something changed, and what moved because of it."""
