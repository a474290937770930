"""The people's side: the desk, the rules that guard its answers, and its doors."""
