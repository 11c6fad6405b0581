"""The records system: the append-only ledger, the read models kept in its transactions, keys, letters, files."""
