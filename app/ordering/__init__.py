"""点单: the menu, placing an order, its review (and instant approval), cancelling."""
