"""Plain text: the filter for text from outside, graphemes, words, sentences. Pure: no story, no I/O, no clock."""
