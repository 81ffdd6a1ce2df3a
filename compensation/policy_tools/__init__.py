"""Tools for those who write policy files; no computation needs them."""
