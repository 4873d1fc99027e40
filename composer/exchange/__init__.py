"""Stories in other formats, in and out. It knows no screen, session or store."""
