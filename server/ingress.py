"""The outermost layer: judges every request by its headers, and bounds its body, before anything reads it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.routing import get_route_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.config import Config
from engine.errors import NotFound, WordlightError
from server.body_limits import (
    FILES_AT_ONCE,
    FORM_BYTES,
    Body,
    BodyTooLarge,
    Inspector,
    JsonBody,
    JsonBudget,
)
from server.cors import own_origins
from server.errors import Forbidden, NotJson, Unauthorized
from server.forwarded import ForwardedHeaders, TrustedProxies
from server.hosts import READING_METHODS, AllowedHosts, CrossSiteWrites, HostCheck, Hosts, header
from server.multipart_limits import FilesOnly
from server.path_spellings import PathSpellings
from server.refusals import Describe, send_refusal
from server.route_rules import Caller, Content, KnownRoute, RouteTable, Rule, Rules
from server.security_headers import SecurityHeaders, frame_policy

MAX_NAME_BYTES = 255  # of one part of a path: file systems take no more
MAX_PATH_BYTES = 2048  # of a path: they fail beyond 4,096, to which the folder counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Doorkeeper:
    """What the ingress must know of the application behind it.

    rules         by route
    routes        returns the application's routes
    signed_in     returns whether a request has a login, by its headers, or needs none
    describe      makes the body of a refusal for a path
    files_field   the field that holds the files of an upload
    public_hosts  returns the names of this server that are known only later
    inside        goes between the ingress and the application, outside of gradio's own middleware
    """

    rules: Rules
    routes: Callable[[Starlette], Iterable[KnownRoute]]
    signed_in: Callable[[Scope], bool]
    describe: Describe
    files_field: str
    public_hosts: Hosts = field(default=tuple)
    inside: Callable[[ASGIApp], ASGIApp] = lambda app: app


def ingress(
    config: Config, keeper: Doorkeeper, endpoints: Collection[str] = ()
) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    """Returns a lifespan that puts the ingress around the whole application.

    endpoints  paths of the plain HTTP API, which clients may spell in other ways

    gradio's own middleware is outside of the middleware that an application is started with; what is put
    around all of it when the application comes up is outside of gradio's too.
    """
    hosts = AllowedHosts(
        config.allowed_hosts,
        config.server_name,
        [config.space_host] if config.space_host else [],
        public=keeper.public_hosts,
    )
    proxies = TrustedProxies(config.trusted_proxies)
    policy = frame_policy(config.frame_ancestors, config.on_space)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        assert app.middleware_stack is not None, "the lifespan runs within it"
        table = RouteTable(keeper.routes(app), keeper.rules)
        gate: ASGIApp = Gate(keeper.inside(app.middleware_stack), config.max_bytes, table, keeper=keeper)

        def writes(scope: Scope) -> bool:
            return (
                scope["method"] not in READING_METHODS or table.rule_of(get_route_path(scope), "GET").writes
            )

        origins = config.cors_origins
        judged: ASGIApp = CrossSiteWrites(
            own_origins(gate, origins), origins, writes, describe=keeper.describe
        )
        spelled: ASGIApp = PathSpellings(judged, endpoints)
        served: ASGIApp = HostCheck(spelled, hosts, keeper.describe)
        resolved: ASGIApp = ForwardedHeaders(served, proxies, keeper.public_hosts)
        app.middleware_stack = SecurityHeaders(resolved, policy)
        yield

    return lifespan


class Gate:
    """Lets a request in by its headers, and hands its body on within the ceiling of its route."""

    def __init__(self, app: ASGIApp, max_file_bytes: int, table: RouteTable, keeper: Doorkeeper) -> None:
        self.app = app
        self._max_file_bytes = max_file_bytes
        self._table = table
        self._keeper = keeper
        self._budget = JsonBudget()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._pass_socket(scope, receive, send)
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answer = _Answer(scope, send, self._keeper.describe)
        try:
            path = get_route_path(scope)
            check_path(path)
            rule = self._table.rule_of(path, scope["method"])
            self._check_caller(rule, scope)
            ceiling = self._ceiling(rule)
            check_length(scope, ceiling)
            inspector = self._inspector(rule, scope)
        except WordlightError as error:
            await answer.refuse(error)
            return
        if rule.content is Content.JSON and scope["method"] == "POST":
            await self._pass_json(scope, receive, ceiling, answer=answer)
        else:
            await self._pass(scope, Body(receive, ceiling, answer.refuse, inspector=inspector), answer)

    async def _pass_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a WebSocket in if its route takes some; the server itself bounds the messages."""
        path = get_route_path(scope)
        if self._table.rule_of(path, "GET").socket:
            await self.app(scope, receive, send)
        else:
            error = NotFound("There is no WebSocket at this path.", "docs/live.md names the path.")
            await send_refusal(error, scope, send, describe=self._keeper.describe)

    async def _pass(self, scope: Scope, body: Body, answer: _Answer) -> None:
        try:
            await self.app(scope, body.receive, answer.send)
        except Exception:
            if not body.refused:  # else the application saw a disconnected client
                raise

    async def _pass_json(self, scope: Scope, receive: Receive, ceiling: int, answer: _Answer) -> None:
        body = JsonBody(receive, ceiling, self._budget)
        try:
            try:
                replay = await body.read()
            except WordlightError as error:
                await answer.refuse(error)
                return
            except ClientDisconnect:
                return
            await self.app(scope, replay, answer.send)
        finally:
            body.release()

    def _check_caller(self, rule: Rule, scope: Scope) -> None:
        if rule.caller is Caller.NOBODY:
            raise Forbidden("This route is closed.")
        if rule.caller is Caller.SIGNED_IN and not self._keeper.signed_in(scope):
            raise Unauthorized("Sign in first.", "POST /login takes username and password.")

    def _ceiling(self, rule: Rule) -> int:
        if rule.content is Content.FILES:
            return FILES_AT_ONCE * self._max_file_bytes + FORM_BYTES
        return rule.max_bytes

    def _inspector(self, rule: Rule, scope: Scope) -> Inspector | None:
        if scope["method"] != "POST":
            return None
        content_type = header(scope, b"content-type") or ""
        if rule.content is Content.JSON and content_type.partition("/")[0].strip().lower() == "multipart":
            raise NotJson("The body of this request must be JSON.", "Send it as application/json.")
        if rule.content is Content.FILES:
            return FilesOnly(content_type, self._keeper.files_field, self._max_file_bytes)
        return None


class _Answer:
    """The answer of one request: the application's, or a refusal that takes its place."""

    def __init__(self, scope: Scope, send: Send, describe: Describe) -> None:
        self._scope = scope
        self._send = send
        self._describe = describe
        self._started = False
        self._refused = False

    async def send(self, message: Message) -> None:
        """Sends a message of the application, unless it has been refused."""
        if self._refused:
            return
        self._started = True
        await self._send(message)

    async def refuse(self, error: WordlightError) -> None:
        """Answers with an error, unless an answer has begun; nothing more of the application's is sent."""
        if self._refused or self._started:
            return
        self._refused = True
        await send_refusal(error, self._scope, self._send, describe=self._describe)


def check_length(scope: Scope, max_bytes: int) -> None:
    """Raises BodyTooLarge for a body that is announced as larger than a ceiling."""
    announced = header(scope, b"content-length") or ""
    # Its digits first: Python refuses to read a number of thousands.
    if announced.isdecimal() and (len(announced) > 18 or int(announced) > max_bytes):
        raise BodyTooLarge(max_bytes)


def check_path(path: str) -> None:
    """Raises NotFound for a path that no file system takes and so is nowhere."""
    raw = path.encode(errors="surrogateescape")
    too_long = len(raw) > MAX_PATH_BYTES or any(len(name) > MAX_NAME_BYTES for name in raw.split(b"/"))
    if too_long or b"\0" in raw:
        raise NotFound("There is nothing at this path.", "Its names are longer than any file's.")
