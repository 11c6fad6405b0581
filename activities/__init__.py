"""What processes do outside themselves: read and act on the ledger, and one file for each outside system."""
