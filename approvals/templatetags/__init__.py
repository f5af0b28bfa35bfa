"""Template tags: what a page draws so often that drawing it by a template takes most of its time."""
