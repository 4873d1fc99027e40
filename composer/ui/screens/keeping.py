"""What the models change in the settings: which endpoint writes, its model, its profile, its key, and whether it is there at all.

It asks for what is to be kept and says what came of it; the settings are written elsewhere. A key goes through it and is not held.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace
from textual.widget import AwaitMount

from composer.config import EndpointProfile
from composer.errors import ComposerError
from composer.text.clean import one_line
from composer.ui.endpoints import Row
from composer.ui.screens.model_picker import ModelPicker
from composer.ui.screens.picker import Choice, Picker
from composer.ui.screens.profile import ProfileForm
from composer.ui.servers import STARTS, free_name

if TYPE_CHECKING:
    from composer.ui.screens.models import ModelsScreen

T = TypeVar("T")
LONGEST_KEY = 8192
"""Characters of a key: what is longer is something else that was pasted."""


class Keeper:
    """Changes the settings, one thing at a time. While `busy` one is being kept or chosen: keys wait for nothing, and do nothing."""

    def __init__(self, screen: ModelsScreen) -> None:
        self._screen = screen
        self._profiles = screen.profiles
        self.busy = False

    def _attempt(self, work: Callable[[], Awaitable[T]], then: Callable[[T], None], secret: str = "") -> None:
        """Do something about the settings and go on from what comes of it, or say why it can't be. `secret` is never said."""
        if not self.busy:
            self.busy = True
            self._screen.run_worker(self._attempting(work, then, secret), group="profiles", exit_on_error=False)

    async def _attempting(self, work: Callable[[], Awaitable[T]], then: Callable[[T], None], secret: str) -> None:
        try:
            result = await work()
        except ComposerError as error:
            self._screen.reload()
            self._screen.say(str(error).replace(secret, "…") if secret else str(error), error=True)
        else:
            then(result)
        finally:
            self.busy = False

    def _kept(self, name: str | None) -> None:
        """A profile was kept under that name: what was known of it holds no more."""
        if name is not None:
            self._screen.forget(name)
            self._screen.reload(name)

    # which one writes

    def choose(self, row: Row) -> None:
        """Have an endpoint write from now on, one that was found after it was added, and leave."""

        def chosen(name: str) -> None:
            if self._screen.is_current:
                self._screen.dismiss(name)

        self._attempt(lambda: self._choose(row), chosen)

    async def _choose(self, row: Row) -> str:
        name = row.name
        if row.found:
            name = free_name(row.name, self._profiles.listed)
            await self._profiles.keep(name, row.profile)
        await self._profiles.choose(name)
        return name

    # its model

    async def pick_model(self, row: Row) -> None:
        """Open the list of a server's models, and keep the one that is picked."""
        endpoint = self._screen.endpoint(row.name)
        picker = ModelPicker(row.name, tuple(endpoint.models) if endpoint else (), row.profile.model)

        def kept(model: str) -> None:
            self._kept(row.name)
            self._screen.say(f"{row.name} asks for {one_line(model, 80)} now.")

        def chosen(model: str | None) -> None:
            self._screen.workers.cancel_group(self._screen, "models")
            if model:
                profile = replace(row.profile, model=model)
                self._attempt(lambda: self._profiles.keep(row.name, profile, row.name), lambda _: kept(model))

        await self._screen.app.push_screen(picker, chosen)
        self._screen.run_worker(self._listing(row.name, picker), group="models", exclusive=True, exit_on_error=False)

    async def _listing(self, name: str, picker: ModelPicker) -> None:
        """Ask a server for its models, for the picker that is open."""
        models: Sequence[str] = ()
        try:
            endpoint = self._profiles.endpoint(name)
            await endpoint.prepare()
            models = tuple(endpoint.models)
        except ComposerError as error:
            self._screen.say(str(error), error=True)
        picker.offer(models)

    # its profile

    async def edit(self, row: Row) -> None:
        """Open the form of an endpoint; one that was found is added by it."""
        if row.found:
            name = free_name(row.name, self._profiles.listed)
            await self._open(f"{name}: answers on this computer", name, row.profile)
        else:
            await self._open(row.name, row.name, row.profile, old=row.name)

    async def add(self) -> None:
        """Ask for the kind of a new endpoint, then for its profile."""
        choices = [Choice(start.name, start.says) for start in STARTS]
        await self._screen.app.push_screen(Picker("Add an endpoint: what kind is it?", choices), self._add)

    async def _add(self, kind: str | None) -> None:
        start = next((start for start in STARTS if start.name == kind), None)
        if start is not None:
            name = free_name(start.name, self._profiles.listed)
            await self._open(f"A new endpoint · {start.says.partition(',')[0]}", name, start.profile, at=start.at)

    def _open(self, title: str, name: str, profile: EndpointProfile, *, old: str = "", at: str = "name") -> AwaitMount:
        # What is typed ahead is for the form: it is waited for.
        taken = set(self._profiles.listed) - {old}
        form = ProfileForm(title, name, profile, self._profiles.keep, taken=taken, old=old, at=at)
        return self._screen.app.push_screen(form, self._kept)

    # its key

    def keep_key(self, name: str, key: str) -> None:
        """Hand a key on to where it is kept."""
        if not key:
            self._screen.say("No key was given.")
        elif len(key) > LONGEST_KEY:
            self._screen.say("That is too long for a key. Nothing was kept.")
        else:
            self._attempt(lambda: self._profiles.keep_key(name, key), lambda place: self._key_kept(name, place), key)

    def _key_kept(self, name: str, place: str) -> None:
        self._kept(name)
        self._screen.say(f"The key of {name} is kept: {place}".rstrip(".") + ".")

    # whether it is there

    def drop(self, name: str, at: int) -> None:
        """Take an endpoint out of the settings; the cursor stays at its place in the list."""

        def dropped() -> None:
            self._screen.forget(name)
            self._screen.reload(at)
            self._screen.say(f"{name} is no longer in the settings.")

        self._attempt(lambda: self._profiles.drop(name), lambda _: dropped())
