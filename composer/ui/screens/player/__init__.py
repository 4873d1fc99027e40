"""The player: a journal as a film."""
