"""The people's side: the desk, the rules that guard its answers, and its doors."""

import knowledge  # noqa: F401 - it says how numpy computes, and must do so before any module here loads numpy
