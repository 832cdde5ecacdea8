"""What every step stands on: transaction, journal, lifecycle, access, clock, errors. Imports nothing above models."""
