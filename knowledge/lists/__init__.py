"""Screening lists: one module for each publisher reads its files to parties, the others say what they share and what follows."""
