"""What Caveat may cite, how it is kept fresh and how it is found; knows no chat."""

import os

# Before numpy loads OpenBLAS: its threads wait for one another, which for the small products of a search costs more than
# it saves (the slowest questions of 100,000 passages took twice as long). Who sets it otherwise is obeyed.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
