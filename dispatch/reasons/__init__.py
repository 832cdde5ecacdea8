"""Why, why not, why nobody, and what would help: read off the plan and the prices that prove it."""
