"""What the processes show in Temporal's own pages (gateway.search, which whoever sets a server up needs as well)."""

from gateway.search import SEARCH_ATTRIBUTES, STANDING

__all__ = ["SEARCH_ATTRIBUTES", "STANDING"]
