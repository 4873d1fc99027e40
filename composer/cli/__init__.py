"""The command line: the only place that wires rooms together, one file a command. Results to standard output, the rest to error."""
