"""Amounts in the formal Chinese numerals that vouchers and notices have: 叁万肆仟元整."""

from __future__ import annotations

from decimal import Decimal

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")


def in_words(fen: int) -> str:
    """Return an amount in words, below 10^16 yuan; a negative one begins with 负.

    >>> in_words(3400000), in_words(10005), in_words(-150)
    ('叁万肆仟元整', '壹佰元零伍分', '负壹元伍角整')
    """
    if fen < 0:
        return "负" + in_words(-fen)
    yuan, cents = divmod(fen, 100)
    jiao, left = divmod(cents, 10)
    words = _whole(yuan) + "元" if yuan or not cents else ""
    if jiao:
        words += DIGITS[jiao] + "角"
    elif left and yuan:
        words += DIGITS[0]
    return words + (DIGITS[left] + "分" if left else "整")


def _whole(number: int) -> str:
    """Return a whole number; 零 stands where digits are left out."""
    if number == 0:
        return DIGITS[0]
    words, before = "", -1
    groups = [number // 10_000**place % 10_000 for place in range(4)]
    for place in reversed(range(4)):
        for small in reversed(range(4)):
            digit, power = groups[place] // 10**small % 10, 4 * place + small
            if digit:
                words += DIGITS[0] if before - power > 1 else ""
                words += DIGITS[digit] + PLACES[small]
                before = power
        if place == 2 and (groups[2] or groups[3]):
            words += "亿"
        elif place in (1, 3) and groups[place]:
            words += "万"
    return words


def net_in_words(net: Decimal, who: str = "机构") -> str:
    """Return who pays whom ``net`` yuan, in words; positive: ``who`` is paid otherwise pays.

    >>> net_in_words(Decimal("-12.50")), net_in_words(Decimal("3"), "合作银行")
    ('政府应付：人民币壹拾贰元伍角整', '合作银行应缴：人民币叁元整')
    """
    words = in_words(abs(int(net * 100)))
    if net > 0:
        return f"{who}应缴：人民币{words}"
    return f"政府应付：人民币{words}" if net < 0 else "收付相抵为零"
