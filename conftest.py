"""Wires the plugin modules together; nothing else."""

pytest_plugins = [
    "fixtures.plugin.options",
    "fixtures.plugin.run",
    "fixtures.plugin.left_out",
    "fixtures.plugin.items",
    "fixtures.plugin.protocol",
    "fixtures.plugin.supplies",
    "reports.log",
]
