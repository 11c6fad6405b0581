"""Transparency-log proofs in the public formats, for whoever keeps, witnesses or checks a log; knows nothing of cases."""
