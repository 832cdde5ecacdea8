"""The parts of check.py: written from the rules' documentation, sharing no code with what they judge."""
