"""What Caveat may cite, how it is kept fresh and how it is found; knows no chat."""
