"""Story Composer: outline, candidates and manuscript side by side, for writers who work with language models."""

__version__ = "0.1.0"
