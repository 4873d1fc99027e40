"""What a story is and what can happen to it: values, events, fold and actions. Pure: no I/O, no clock, no randomness."""
