"""What a user could pick instead of Caveat's search, each measured in a process of its own by `tests.bench_peers`."""
