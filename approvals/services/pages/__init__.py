"""What the reviewers' pages show, gathered and put into words: reads alone, never inside a transaction."""
