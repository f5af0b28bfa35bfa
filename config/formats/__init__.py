"""How dates read in the console: 24 hours, day before month, as the pages of our own write them. For Django alone."""
