"""The policies whose laws are proven."""

POLICIES = ("henan-provincial-2020", "jiyuan-2022", "luoyang-2025")
"""Those that pay an institution by its own merits; other documents have laws of their own."""
