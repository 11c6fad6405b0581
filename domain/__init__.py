"""The law and the case: pure functions over data. No I/O, no clock; time is passed in."""
