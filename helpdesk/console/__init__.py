"""HTML: one file per screen."""
