"""Write what follows from code, policies and lock files: generated pages, and digests.

A test compares the files with what this script makes.

    python -m docs.make_reference
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from compensation import curve, read_portfolio
from compensation.policy.catalogue import HERE as POLICIES
from compensation.policy.catalogue import VALIDATED
from compensation.report.curve_svg import curve_svg
from docs.clauses_page import clauses
from docs.cookbook_page import cookbook
from docs.dictionary_page import data_dictionary
from docs.guide_page import guides
from docs.licences_page import licences
from docs.mutation_page import mutation_page
from docs.terms_module import terms_module

ROOT = Path(__file__).parent.parent


def digests() -> str:
    """Return the digests of the package's policies and series; the tests validate all of them."""
    found = [path for folder in ("files", "series") for path in POLICIES.glob(f"{folder}/*.toml")]
    files = [path.relative_to(POLICIES).as_posix() for path in found]
    return "".join(f"{_digest(POLICIES / file)}  {file}\n" for file in sorted(files))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def picture_of_a_curve() -> str:
    """Return the curve that the page on curves shows."""
    portfolio = read_portfolio(ROOT / "examples" / "jiyuan-2022.xlsx")
    return curve_svg(curve(portfolio, "jiyuan-2022", 2022, "payout_rate", 0, "0.08"), "en")


PAGES = {
    "docs/data-dictionary.md": data_dictionary,
    "docs/clauses.md": clauses,
    "docs/cookbook.md": cookbook,
    "docs/mutation.md": mutation_page,
    "docs/licences.md": licences,
    "docs/images/curve.svg": picture_of_a_curve,
    "api/page/static/js/messages/terms.js": terms_module,
    **{f"api/page/static/{name}": make for name, make in guides().items()},
    VALIDATED.relative_to(ROOT).as_posix(): digests,
}
"""What makes each file, by its path in the project."""


def main() -> None:
    """Write every file."""
    for name, make in PAGES.items():
        (ROOT / name).write_text(make(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
