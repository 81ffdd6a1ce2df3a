"""The terms of the glossary for the page, which says what those mean that stand on it."""

from __future__ import annotations

import json
from pathlib import Path

GLOSSARY = Path(__file__).parent / "glossary.md"


def terms_module() -> str:
    """Return a JavaScript module: each term and its meaning, by language."""
    lines = [line for line in GLOSSARY.read_text(encoding="utf-8").splitlines() if "|" in line]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]
    terms = [{"zh": [zh, meaning], "en": [en, meant]} for zh, en, meaning, meant, *_ in rows]
    made = "".join(f"    {json.dumps(term, ensure_ascii=False)},\n" for term in terms)
    says = "/** The terms of docs/glossary.md: written by `make docs`. */"
    return f"{says}\n\nexport const TERMS = [\n{made}];\n"
