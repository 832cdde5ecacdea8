"""Privacy: who sees what at which stage, who looked, and how a person is forgotten."""
