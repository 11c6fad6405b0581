"""`make bench`: what the README promises about speed, measured side by side with the plainest way to do the same."""
