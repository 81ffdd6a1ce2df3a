"""The settlement of a programme over years: what is decided, paid, come back, and due on a day."""
