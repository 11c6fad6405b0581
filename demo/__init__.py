"""The demo: the 2026 round on real servers and real workbooks, by a fast legal clock (`make demo`)."""
