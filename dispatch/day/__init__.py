"""The day plan: several orders a volunteer in sequence, with travel, as routes chosen by column generation."""
