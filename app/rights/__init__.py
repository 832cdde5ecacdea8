"""Rights: what somebody agreed to, who answers for a minor, and a copy of what is held about oneself."""
