"""What a browser would find in an HTML page."""

from __future__ import annotations

import html.parser

_VOID = ("meta", "img", "source", "br", "link", "input")


class Tags(html.parser.HTMLParser):
    """The tags and the text of a page; fails where an open tag is not closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = "\n"  # pieces between tags, each on a line of its own
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self._open and data.strip():
            self.text += data.strip() + "\n"
