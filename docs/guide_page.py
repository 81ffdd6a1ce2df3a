"""The guide to the page as the service has it beside the page: HTML, without pictures of the page.

Who installed the service has no other document at hand, so links to those leave their words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from string import Template

from markdown_it import MarkdownIt

from docs.links import LINK, slug

HERE = Path(__file__).parent
GUIDES = {
    "guide.html": ("self-check.zh-CN.md", "zh-CN", "自查页面"),
    "guide-en.html": ("self-check.md", "en", "The self-check page"),
}
"""The guide in each language: its page here, the tag of the language, the link to what it is of."""
CHINESE_LINE_END = re.compile(r"(?<=[^\x00-\x7f])\n(?=[^\x00-\x7f])")
"""Within a sentence: browsers would make a blank of it."""

PAGE = Template(
    """\
<!doctype html>
<!-- Written by `make docs` from docs/$source: change that file, not this one. -->
<html lang="$lang">
    <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>$title</title>
        <link rel="icon" href="icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="css/base.css" />
        <link rel="stylesheet" href="css/guide.css" />
    </head>
    <body>
        <header class="header">
            <div class="width"><a class="service" href="../">$home</a></div>
        </header>
        <main class="width main guide">
$body        </main>
    </body>
</html>
"""
)


def guides() -> dict[str, Callable[[], str]]:
    """Return what makes each guide, by its file."""
    return {name: partial(_guide, *of) for name, of in GUIDES.items()}


def _guide(source: str, lang: str, home: str) -> str:
    text = LINK.sub(_served, (HERE / source).read_text(encoding="utf-8"))
    text = CHINESE_LINE_END.sub("", text)
    markdown = MarkdownIt().enable("table")
    tokens = markdown.parse(text)
    titles = [
        (token, inline.content)
        for token, inline in pairwise(tokens)
        if token.type == "heading_open"
    ]
    for token, title in titles:
        token.attrSet("id", slug(title))
    body = markdown.renderer.render(tokens, markdown.options, {})
    return PAGE.substitute(source=source, lang=lang, home=home, title=titles[0][1], body=body)


def _served(link: re.Match[str]) -> str:
    """Return a link as the guide has it: no picture, and of what is not served the words alone."""
    if link[0].startswith("!"):
        return ""
    served = {source: name for name, (source, *_) in GUIDES.items()}
    target = served.get(link["target"], link["target"])
    return (
        f"[{link['words']}]({target})"
        if target.startswith("#") or target in GUIDES
        else link["words"]
    )
