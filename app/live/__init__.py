"""Live: Socket.IO topics, who may watch them, and the one place that publishes."""
