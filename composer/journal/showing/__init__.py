"""What readers of a shared film may see, and a film with that alone in it."""
