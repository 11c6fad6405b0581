"""The one way to act: authorise, settle, decide, append, answer. Nothing else writes to the ledger."""
