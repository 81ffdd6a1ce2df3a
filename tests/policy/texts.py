"""Small policy files for tests, built from base.toml."""

from pathlib import Path

BASE = (Path(__file__).parent / "base.toml").read_text(encoding="utf-8")
CITED = 'clause = "1", basis = "text", note = { zh = "虚构", en = "invented" }'
WITHOUT_RATES = BASE[: BASE.index("[rates]")]


def with_rates(head: str, tiers: list[str]) -> str:
    """Return the text of a policy with these tiers, each written without its citation."""
    lines = "".join(f"    {{ {tier}, {CITED} }},\n" for tier in tiers)
    return f"{WITHOUT_RATES}[rates]\n{head}\ntiers = [\n{lines}]\n"
