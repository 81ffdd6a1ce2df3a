"""`pyarrow.compute` whose functions are made when they are first used.

As it comes, it makes all 300 of them when it is imported, each with its documentation; that takes a
tenth of a small run. A command uses forty, and nobody reads documentation in its process. This
rests on names that are private to Arrow: where they are not as expected, all functions are made.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

NAME = "pyarrow.compute"
AT_ONCE = ("utf8_zero_fill",)
"""The functions that are made at once: the one that the module has under a second name."""
_KEYWORDS = {"and_": "and", "or_": "or"}


class FunctionsWhenUsed:
    """Finds `pyarrow.compute` and loads it; stands in `sys.meta_path`."""

    def find_spec(
        self, name: str, path: Any = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where the module is, to be loaded here."""
        spec = PathFinder.find_spec(name, path) if name == NAME else None
        if spec is not None:
            self.plain: Any = spec.loader
            spec.loader = self  # type: ignore[assignment]
        return spec

    def create_module(self, _spec: ModuleSpec) -> None:
        """Let the module be made as any other."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the module with a registry that names few functions; make the others by name."""
        empty = dict(vars(module))
        try:
            self._load(module)
        except (AssertionError, AttributeError, ImportError, KeyError, TypeError):
            vars(module).clear()
            vars(module).update(empty)
            self.plain.exec_module(module)

    def _load(self, module: ModuleType) -> None:
        """Do so; raise whatever comes of names that are not as expected."""
        from pyarrow import _compute, vendored

        registry_of = _compute.function_registry
        registry = registry_of()

        class Few:
            get_function = staticmethod(registry.get_function)
            list_functions = staticmethod(lambda: list(AT_ONCE))

        def made(name: str) -> Callable[..., Any]:
            try:
                function = registry.get_function(_KEYWORDS.get(name, name))
            except KeyError:
                raise AttributeError(f"module {NAME!r} has no attribute {name!r}") from None
            options = module._get_options_class(function)
            found: Callable[..., Any]
            found = module._make_generic_wrapper(name, function, options, function.arity)
            setattr(module, name, found)
            return found

        known = dict(vars(vendored))
        # Importing what reads documentation takes a third of the time.
        vendored.docscrape = ModuleType("docscrape")
        vendored.docscrape.NumpyDocString = lambda _text: {"Parameters": ()}
        _compute.function_registry = Few
        try:
            self.plain.exec_module(module)
        finally:
            _compute.function_registry = vars(module)["function_registry"] = registry_of
            vars(vendored).clear()
            vars(vendored).update(known)
        made("equal")
        module.__getattr__ = made  # type: ignore[method-assign]
