"""The path of one case is as pure as that of portfolios: no float, clock, chance or file."""

from __future__ import annotations

import pytest

from tests import test_purity
from tests.test_purity import impurities, reached

START = "compensation.one_case"
ALLOWED = {
    ("compensation.one_case.reading", "float"): "a binary float is told from other values: refused"
}


@pytest.mark.slow
def test_no_module_of_one_case_is_impure() -> None:
    modules = reached((f"{START}.claim", f"{START}.recoveries"))
    own = {name for name in modules if name.startswith(START)}
    assert len(own) > 6
    allowed = {**test_purity.ALLOWED, **ALLOWED}
    found = {
        (name, kind): line
        for name, tree in modules.items()
        for kind, line in impurities(tree)
        if (name, kind) not in allowed and kind != "path /"
    }
    assert found == {}
    assert set(ALLOWED) <= {(name, kind) for name in own for kind, _ in impurities(modules[name])}
