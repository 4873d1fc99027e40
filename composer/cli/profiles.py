"""The endpoints of the settings, each made once and changed in the settings file: the port `Profiles`.

What blocks is done in threads. It never asks a server by itself, never writes a key into the settings file, and keeps none.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path

from msgspec.structs import replace

from composer.cli.key import keys_folder
from composer.cli.wiring import cache_folder
from composer.config import EMBEDDED, EMBEDDED_PROFILE, EndpointProfile, Settings, effective, public_url
from composer.errors import RefusedError, SettingsError
from composer.llm.client import OpenAIEndpoint
from composer.llm.encodings import Encodings
from composer.llm.endpoints import make_endpoint
from composer.llm.keys import drop_file, find_key, keep_key
from composer.session.ports import Finding, Found
from composer.store.learned import Learned
from composer.store.settings_file import drop_profile, write_profile, write_value

ENCODINGS = "encodings"
"""The folder in the cache folder that holds what tokens are counted with."""
LEARNED = "learned.json"
"""The file in the state folder that holds what was learned of endpoints."""


class Endpoints:
    """The port `Profiles`. `settings` are those that apply now, with flags and environment.

    An endpoint that is replaced is let go at the end, not before: candidates may still come from it.
    """

    def __init__(
        self,
        settings: Settings,
        environ: Mapping[str, str],
        settings_path: Path,
        state_folder: Path,
        base_url: str | None = None,
        model: str | None = None,
    ) -> None:
        """`base_url` and `model` are the flags of this run. SettingsError if they, or the environment, can't be used."""
        self.settings, _ = effective(settings, environ, base_url, model)
        self.written = settings
        """What the settings file says."""
        self._environ = environ
        self._path = settings_path
        self._memory = Learned(state_folder / LEARNED)
        self._encodings = Encodings(environ, cache_folder() / ENCODINGS, fetches=settings.fetch_encodings)
        self._made: dict[str, OpenAIEndpoint] = {}
        self._replaced: list[OpenAIEndpoint] = []
        self._writing = asyncio.Lock()

    @property
    def listed(self) -> Mapping[str, EndpointProfile]:
        return {EMBEDDED: EMBEDDED_PROFILE, **self.settings.endpoints}

    @property
    def chosen(self) -> str:
        return self.settings.endpoint

    def names(self) -> Sequence[str]:
        return tuple(self.listed)

    def endpoint(self, name: str) -> OpenAIEndpoint:
        made = self._made.get(name)
        if made is None:
            profile = self._profile(name)
            made = make_endpoint(name, profile, self._environ, memory=self._memory, encodings=self._encodings)
            self._made[name] = made
        return made

    async def keep(self, name: str, profile: EndpointProfile, old: str = "") -> None:
        self._may_change(name, profile)
        self._may_change(old, profile)
        if old not in ("", name) and name in self.listed:
            raise RefusedError(f"There is an endpoint called {name} already.", "Give it another name.")
        async with self._writing:
            if old not in ("", name) and profile.keyring:
                profile = await asyncio.to_thread(self._with_key_of, old, name, profile)
            before = old if old in self.written.endpoints else ""
            await asyncio.to_thread(write_profile, self._path, name, profile, before)
            self.written = _with(self.written, name, profile, old)
            self.settings = _with(self.settings, name, profile, old)
            self._retire(name, old)

    async def drop(self, name: str) -> None:
        self._profile(name)
        if name == EMBEDDED:
            raise RefusedError("The model that is built in can't be taken out.", "Choose another one to write.")
        async with self._writing:
            if name in self.written.endpoints:
                await asyncio.to_thread(drop_profile, self._path, name)
            self.written = _without(self.written, name)
            self.settings = _without(self.settings, name)
            self._retire(name)

    async def choose(self, name: str) -> None:
        profile = self._profile(name)
        async with self._writing:
            if name not in (EMBEDDED, *self.written.endpoints):
                # It comes from a flag or the environment. A password in its address stays out of the file.
                if public_url(profile.base_url) != profile.base_url:
                    self.settings = replace(self.settings, endpoint=name)
                    return
                await asyncio.to_thread(write_profile, self._path, name, profile)
                self.written = _with(self.written, name, profile)
            await asyncio.to_thread(write_value, self._path, "endpoint", name)
            self.written = replace(self.written, endpoint=name)
            self.settings = replace(self.settings, endpoint=name)

    async def examine(self, name: str, *, offline: bool = False) -> AsyncGenerator[Finding, None]:
        """What it can do. With `offline`, only what can be known without asking its server.

        What was learned of it before is found out anew, by an endpoint made anew, which takes the place of the one there was.
        """
        from composer.llm.examining import examine

        self._retire(name)
        profile, endpoint = self._profile(name), self.endpoint(name)
        async with aclosing(examine(endpoint, profile, self._environ, self._memory, offline=offline)) as found:
            async for finding in found:
                yield finding

    async def look_around(self) -> Sequence[Found]:
        from composer.llm.around import look_around

        known = {*self.listed, *(profile.base_url for profile in self.listed.values())}
        return await look_around(known)

    def key_place(self, name: str) -> str:
        """Where the key of an endpoint comes from, in words, and whether it is there. It may read a file.

        No command is run for it, and no keyring opened: either may ask for a password.
        """
        profile = self._profile(name)
        if profile.key_command:
            return f"from the command {profile.key_command[0]}, which runs when the endpoint is asked"
        if profile.keyring:
            return "in the system keyring, which is looked into when the endpoint is asked"
        key = find_key(name, profile, self._environ)
        if key.trouble is not None:
            return str(key.trouble)
        return f"there, from {key.place}" if key.place else "none is sent"

    async def keep_key(self, name: str, key: str) -> str:
        profile = self._profile(name)
        self._may_change(name, profile)
        folder = keys_folder()
        kept = await asyncio.to_thread(keep_key, name, key, folder)
        told = replace(profile, key_env="", key_command=(), keyring=kept.keyring, key_file=kept.file)
        try:
            await self.keep(name, told, name)
        except SettingsError as error:
            sentence = f"The key for {name} is in {kept.words}, but the settings don't say so yet. {error.sentence}"
            raise SettingsError(sentence, error.next_step) from None
        if kept.keyring:
            await asyncio.to_thread(drop_file, name, folder)
        return kept.words

    async def close(self) -> None:
        """Let all connections go. Safe to call twice."""
        endpoints = [*self._made.values(), *self._replaced]
        self._made, self._replaced = {}, []
        await asyncio.gather(*(endpoint.close() for endpoint in endpoints))

    def _profile(self, name: str) -> EndpointProfile:
        profile = self.listed.get(name)
        if profile is None:
            raise RefusedError(f"There is no endpoint called {name}.", f"There are: {', '.join(self.listed)}.")
        return profile

    def _may_change(self, name: str, profile: EndpointProfile) -> None:
        if name == EMBEDDED or profile.embedded:
            raise RefusedError("The model that is built in has no settings.", "Give the server another name.")

    def _with_key_of(self, old: str, name: str, profile: EndpointProfile) -> EndpointProfile:
        """The profile with the key that the keyring has for `old`: it has them by the names of endpoints."""
        key = find_key(old, profile, self._environ)
        if not key.secret:
            return profile
        kept = keep_key(name, key.secret, keys_folder())
        return replace(profile, keyring=kept.keyring, key_file=kept.file)

    def _retire(self, *names: str) -> None:
        self._replaced += [self._made.pop(name) for name in names if name in self._made]


def _with(settings: Settings, name: str, profile: EndpointProfile, old: str = "") -> Settings:
    """The settings with that profile, in the place of `old` if that is there."""
    endpoints = {name if each == old else each: kept for each, kept in settings.endpoints.items()}
    chosen = name if old and settings.endpoint == old else settings.endpoint
    return replace(settings, endpoint=chosen, endpoints={**endpoints, name: profile})


def _without(settings: Settings, name: str) -> Settings:
    """The settings without that profile; the next one writes in its place."""
    endpoints = {each: kept for each, kept in settings.endpoints.items() if each != name}
    chosen = settings.endpoint
    if chosen == name:
        chosen = next((each for each in endpoints if each != EMBEDDED), EMBEDDED)
    return replace(settings, endpoint=chosen, endpoints=endpoints)
