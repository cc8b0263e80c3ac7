"""Servers that answer oddly, or with the wish to harm."""
