"""The version of the library, which every result is stamped with."""

__version__ = "0.1.0"
