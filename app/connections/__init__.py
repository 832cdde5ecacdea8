"""Connections to other systems: notices carried out to endpoints (webhooks), and who may come in by an API key."""
