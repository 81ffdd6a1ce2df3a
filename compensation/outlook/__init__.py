"""Figures to decide by: indicators over years, what a limit costs, what a change would bring."""
