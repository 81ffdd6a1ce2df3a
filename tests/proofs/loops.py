"""A shipped function's loop, taken apart: what comes before it, its body once, what comes after.

That is what a proof by induction is about. The pieces are compiled from the function's own source
in its own module, so there is nothing restated. A body that needs a name which is neither an
argument nor carried from round to round, as far as the proof knows them, fails with a NameError.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from types import CodeType
from typing import Any


@dataclass(frozen=True)
class Loop:
    """`head`: the loop's own line. The pieces run on names given to them, in a module's globals."""

    head: str
    before: CodeType
    body: CodeType
    result: CodeType
    names: dict[str, Any]

    def start(self, **arguments: Any) -> dict[str, Any]:
        """All names once everything before the loop has run."""
        exec(self.before, self.names, arguments)
        return arguments

    def once(self, **carried: Any) -> dict[str, Any]:
        """All names once the body has run on what was carried so far."""
        exec(self.body, self.names, carried)
        return carried

    def end(self, **carried: Any) -> Any:
        """What the function returns."""
        return eval(self.result, self.names, carried)


def loop_of(source: str, names: dict[str, Any]) -> Loop:
    """Take apart a function of statements, one loop and a return; refuse any other."""
    (function,) = ast.parse(source).body
    assert isinstance(function, ast.FunctionDef)
    *before, loop, last = function.body
    assert isinstance(loop, ast.For)
    assert isinstance(last, ast.Return)
    assert last.value is not None
    assert not loop.orelse
    jumps = ast.For | ast.While | ast.Return | ast.Break | ast.Continue | ast.Yield
    for statement in (*before, *loop.body):
        assert not any(isinstance(node, jumps) for node in ast.walk(statement))
    return Loop(
        f"for {ast.unparse(loop.target)} in {ast.unparse(loop.iter)}",
        compile(ast.Module(before, []), "<before the loop>", "exec"),
        compile(ast.Module(loop.body, []), "<the loop's body>", "exec"),
        compile(ast.Expression(last.value), "<after the loop>", "eval"),
        names,
    )
