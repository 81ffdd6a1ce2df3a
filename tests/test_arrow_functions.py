"""What of `pyarrow.compute` is made when it is first used, beside the module as it comes."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pyarrow import _compute, vendored

from compensation.cli.arrow_functions import NAME, FunctionsWhenUsed
from compensation.cli.process import REMOTE_FILES


def loaded(finder: FunctionsWhenUsed) -> ModuleType:
    """Return the module as the finder loads it, beside the one that everybody else uses."""
    spec = finder.find_spec(NAME, pa.__path__)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    finder.exec_module(module)
    return module


def test_few_functions_are_made_and_all_of_them_are_there() -> None:
    module = loaded(FunctionsWhenUsed())
    names = [name for name in vars(pc) if not name.startswith("_")]
    missing = set(names) - set(vars(module))
    # Where Arrow has changed so much that all functions are made, a small run takes a tenth longer.
    assert len(missing) > 200
    for name in names:
        assert callable(getattr(module, name)) == callable(getattr(pc, name)), name
    assert set(names) <= set(vars(module))
    assert module is not pc
    with pytest.raises(AttributeError, match="no_such"):
        _ = module.no_such
    # What the module was loaded with is gone again.
    assert _compute.function_registry is module.function_registry is pc.function_registry
    assert vendored.docscrape is sys.modules["pyarrow.vendored.docscrape"]


def test_functions_compute_the_same() -> None:
    module = loaded(FunctionsWhenUsed())
    flags, texts = pa.array([True, None, False]), pa.array(["a", "bc", None])
    for function, given, options in (
        ("and_", (flags, flags), {}),
        ("coalesce", (texts, "x"), {}),
        ("match_substring_regex", (texts,), {"pattern": "b.*"}),
        ("is_in", (texts,), {"value_set": pa.array(["a"])}),
        ("sum", (pa.array([1, 2]),), {"min_count": 3}),
        ("sum", (pa.array([], pa.int64()),), {"options": pc.ScalarAggregateOptions(min_count=0)}),
        ("binary_join_element_wise", (texts, texts, "-"), {"null_handling": "skip"}),
    ):
        own = getattr(module, function)(*given, **options)
        assert own.equals(getattr(pc, function)(*given, **options)), function


def test_all_functions_are_made_where_arrow_is_not_as_expected() -> None:
    finder = FunctionsWhenUsed()
    assert finder.find_spec(NAME, pa.__path__) is not None

    class Newer:
        """Loads the module without a function that makes others."""

        def __init__(self, plain: object) -> None:
            self.plain = plain

        def exec_module(self, module: ModuleType) -> None:
            self.plain.exec_module(module)  # type: ignore[attr-defined]
            del module._make_generic_wrapper

    module = ModuleType(NAME)
    finder.plain = Newer(finder.plain)
    finder.exec_module(module)
    assert {name for name in vars(pc) if not name.startswith("_")} <= set(vars(module))
    assert module.max(pa.array([1, 3, 2])).as_py() == 3


def test_other_modules_are_found_elsewhere() -> None:
    assert FunctionsWhenUsed().find_spec("pyarrow.parquet", pa.__path__) is None


def test_file_systems_elsewhere_are_those_that_arrow_does_without() -> None:
    for name in REMOTE_FILES:
        assert importlib.util.find_spec(name) is not None, name
