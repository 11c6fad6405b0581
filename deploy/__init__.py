"""Servers around Huiqian: finding, making, starting and stopping Temporal and PostgreSQL."""
