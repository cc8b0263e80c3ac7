"""Situations of the field: small files, slow networks, gateways, proxies."""
