"""Asks repositories over OAI-PMH, and never calls a harvest complete that is not."""
