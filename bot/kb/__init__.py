"""Keeping the knowledge base from a chat: how it is typed, what is done, what is said; the doors only show it."""
