"""评单: ratings, follow-up, the hours ledger, closing."""
