"""What the processes show in Temporal's own pages (gateway.search, which whoever sets a server up needs as well)."""

from gateway.search import AGENCY, DUE, KIND, SEARCH_ATTRIBUTES, STAGE, WAITING_FOR

__all__ = ["AGENCY", "DUE", "KIND", "SEARCH_ATTRIBUTES", "STAGE", "WAITING_FOR"]
