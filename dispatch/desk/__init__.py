"""One urgent order against a whole city kept in memory."""
