"""What is told of one endpoint, paragraph by paragraph, to be scrolled. What it says comes from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style

from composer.text.clean import clean
from composer.ui.endpoints import Told, Tone
from composer.ui.lines import Lines, Part
from composer.ui.phrases import shortened
from composer.ui.signs import Signs
from composer.ui.wrapping import cells, wrap


class ReportView(Lines):
    """What is told of one endpoint. It stays where it was scrolled to while more comes."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._told: Sequence[Told] = ()
        self._top = 0

    def show(self, told: Sequence[Told], *, keep: bool = True) -> None:
        """Without `keep` it is shown from its first line."""
        self._told = told
        self._top = self._top if keep else 0
        self.repaint()

    def scroll_on(self, by: int) -> None:
        """Scroll by screens."""
        self._top += by * max(1, self.size.height - 1)
        self.repaint()

    def lines(self, width: int, height: int) -> list[list[Part]]:
        palette, signs = self.palette, Signs.of(self.app)
        drawn: dict[Tone, tuple[str, Style]] = {
            "": (" ", palette.text),
            "good": (signs.done, palette.good),
            "bad": (signs.failed, palette.bad),
            "fact": ("·", palette.dim),
            "ask": (signs.lands, palette.lands),
        }
        label = min(18, max([0, *(cells(each.what) for each in self._told)]))
        painted: list[list[Part]] = []
        for each in self._told:
            sign, style = drawn[each.tone]
            words = palette.lands if each.tone == "ask" else palette.text
            lead = 3 if not each.what else label + 5
            text = clean(each.words)
            for at, (start, end) in enumerate(wrap(text, max(10, width - lead - 1))):
                if at:
                    parts: list[Part] = [(" " * lead, palette.text)]
                else:
                    what = shortened(each.what, label, signs.ellipsis)
                    parts = [(f" {sign} ", style), (f"{what:<{lead - 3}}", palette.dim)]
                painted.append([*parts, (text[start:end], words)])
        self._top = max(0, min(self._top, len(painted) - height))
        shown = painted[self._top : self._top + height]
        if len(painted) > self._top + height and shown:
            shown[-1] = [(f" {signs.ellipsis} page down: {len(painted) - self._top - height + 1} more", palette.dim)]
        return shown
