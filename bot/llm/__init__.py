"""Drafters: with a language model behind any OpenAI-compatible server, and without a model."""
