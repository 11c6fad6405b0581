"""The processes, one file each: what happens by itself, and when. What may be done, the domain decides."""
