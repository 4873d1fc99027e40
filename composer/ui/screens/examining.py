"""Testing endpoints from the models: one at a time, in the background, and what each test has found out. It changes no settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from composer.errors import ComposerError
from composer.session.ports import Finding
from composer.ui.endpoints import Report

if TYPE_CHECKING:
    from composer.ui.screens.models import ModelsScreen


class Examiner:
    """Tests endpoints. `testing` is the one that is being tested, empty where none is; `reports` are by their names."""

    def __init__(self, screen: ModelsScreen) -> None:
        self._screen = screen
        self.testing = ""
        self.reports: dict[str, Report] = {}

    def begin(self, name: str) -> None:
        """Test an endpoint, unless one is being tested."""
        if not self.testing:
            self.testing = name
            self._screen.run_worker(self._test(name), group="test", exclusive=True, exit_on_error=False)

    def stop(self) -> None:
        """Stop the test; what it has found out stays."""
        self._screen.workers.cancel_group(self._screen, "test")

    async def _test(self, name: str) -> None:
        report = self.reports[name] = Report()
        self._screen.reload()
        try:
            async for finding in self._screen.profiles.examine(name):
                report.findings.append(finding)
                self._screen.show_row()
            report.state = "ended"
        except ComposerError as error:
            report.findings.append(Finding("the test", str(error), False))
            report.state = "ended"
        finally:
            if report.state == "asking":
                report.state = "stopped"
            self.testing = ""
            if self._screen.is_attached:
                self._screen.reload()
