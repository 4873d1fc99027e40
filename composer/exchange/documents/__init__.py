"""Documents of other programs, in and out, and the book that stands in the middle of all of them."""
