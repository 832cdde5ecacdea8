"""接单: answering offers, claims, reserves, check-in and check-out, giving a task back."""
