"""What is said of a result that cannot be read, or is not whole."""

from __future__ import annotations

from compensation.faults.input_faults import InputFaults
from compensation.language import Text
from compensation.refusals import Refused


class ResultRefused(Refused, ValueError):
    """A result cannot be read as one, or is not as it was written; nothing was compared.

    `.message`: why, in both languages.

    >>> try:
    ...     read_result("examples")
    ... except ResultRefused as wrong:
    ...     print(wrong.describe("en")[:9])
    “examples
    """


def unreadable(path: object, wrong: InputFaults) -> ResultRefused:
    """Return the refusal of a result whose files are wrong as files: `wrong` says what."""
    zh, en = (
        "\n".join(fault.describe(language) for fault in wrong.faults) for language in ("zh", "en")
    )
    head = Text("结果“{path}”无法读取：\n", "the result “{path}” cannot be read:\n").fill(path=path)
    return ResultRefused(Text(head.zh + zh, head.en + en))


def no_result(path: object, why: Text) -> ResultRefused:
    """Return the refusal of a path at which there is no result that can be read back."""
    return ResultRefused(
        Text(
            "“{path}”不是可以读回的结果：{why}",
            "“{path}” is no result that can be read back: {why}",
        ).fill(path=path, why=why)
    )
