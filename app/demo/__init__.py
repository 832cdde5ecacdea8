"""The demo city: real place names, made-up people, and the public that moves in it."""
