"""Kills, cut connections, a full disk and a wrong clock, on the real parts: `make faults`. Not part of `make test`."""
