"""What is refused with one message, in both languages; several at once are issues (`issues`)."""

from __future__ import annotations

from compensation.language import Language, Text, language_wanted


class Refused(Exception):
    """Something is refused; `.message` says what and why."""

    def __init__(self, message: Text) -> None:
        self.message = message
        super().__init__(message.get(language_wanted()))

    def describe(self, language: Language = "zh") -> str:
        """Return what was refused, and why."""
        return self.message.get(language)
