"""Speaks the Model Context Protocol at `/mcp`, over streamable HTTP without sessions."""

from __future__ import annotations

import json
import logging
from typing import Any

import anyio
from mcp import types
from mcp.server.lowlevel import Server
from mcp.server.streamable_http import StreamableHTTPServerTransport
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from engine.errors import WordlightError
from engine.memory import error_for_caller
from jobs.service import Jobs
from server.body_limits import IDS_BYTES
from server.endpoint import ApiRequest, Endpoint, ServerState, path_prefix
from server.job_uploads import JobUploads
from server.json_limits import check_json
from server.mcp.calls import Answer, Caller, ToolCalls
from server.mcp.tools import TOOLS, instructions
from server.mcp.uploads import HeldUploads
from server.openapi.document import VERSION

PATH = "/mcp"
NAME = "Wordlight"
_CALLER = "wordlight.mcp.caller"  # in the ASGI scope

_log = logging.getLogger("wordlight.mcp")
# The protocol's library logs each message of each client; it names no place for its settings.
logging.getLogger("mcp").setLevel(logging.WARNING)


def endpoints(state: ServerState, jobs: Jobs, uploads: JobUploads) -> list[Endpoint]:
    """Returns the endpoints: the protocol itself, and the uploads, whose tickets stand for a key."""
    held = HeldUploads(state, jobs, uploads)
    protocol = Protocol(ToolCalls(state, jobs, uploads, held))
    return [
        Endpoint(state, PATH, {"POST": protocol.answer}, takes_recordings=False),
        Endpoint(state, f"{PATH}/uploads/{{ticket}}", {"PUT": held.receive}, guarded=False),
    ]


class Protocol:
    """Answers requests of the protocol, each by a server and a transport of its own."""

    def __init__(self, calls: ToolCalls) -> None:
        self._calls = calls
        self._tools = [
            types.Tool(
                name=tool.name,
                title=tool.title,
                description=tool.description,
                inputSchema=tool.schema,
                annotations=types.ToolAnnotations(
                    title=tool.title,
                    readOnlyHint=not tool.changes,
                    destructiveHint=tool.deletes,
                    openWorldHint="url" in tool.arguments,
                ),
            )
            for tool in TOOLS
        ]
        self._server: Server = Server(NAME, version=VERSION, instructions=instructions())
        self._server.list_tools()(self._list)  # type: ignore[no-untyped-call]
        self._server.call_tool()(self._call)

    async def answer(self, call: ApiRequest) -> Response:
        """Reads the message, which is small, and answers it. Raises InputError for JSON out of bounds."""
        body = await call.body()
        assert len(body) <= IDS_BYTES, "the ingress has counted it"
        check_json(body)
        call.scope[_CALLER] = call.caller, f"{call.url.scheme}://{call.url.netloc}{path_prefix(call)}"
        return _Exchange(self._server, body)

    async def _list(self) -> list[types.Tool]:
        return self._tools

    async def _call(self, name: str, arguments: dict[str, Any]) -> types.CallToolResult:
        if name not in {tool.name for tool in TOOLS}:
            known = ", ".join(tool.name for tool in TOOLS)
            return _failure(WordlightError(f"There is no tool named {name[:40]!r}.", f"Known: {known}."))
        try:
            return _result(await self._calls.call(name, self._caller(), arguments))
        except WordlightError as error:
            return _failure(error)
        except Exception as error:
            _log.exception("a tool failed")
            return _failure(error_for_caller(error))

    def _caller(self) -> Caller:
        context = self._server.request_context
        assert context.request is not None, "it came over HTTP"
        name, base = context.request.scope[_CALLER]
        token = context.meta.progressToken if context.meta is not None else None

        async def note(done: float, total: float, state: str) -> None:
            if token is not None:
                await context.session.send_progress_notification(
                    token, done, total or None, state, related_request_id=str(context.request_id)
                )

        return Caller(name=name, base=base, note=note)


class _Exchange(Response):
    """The answer to one message. All that works at it ends with it, also if the client leaves."""

    def __init__(self, server: Server, body: bytes) -> None:
        super().__init__()
        self._server = server
        self._message = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport = StreamableHTTPServerTransport(mcp_session_id=None)
        async with anyio.create_task_group() as tasks, transport.connect() as (incoming, outgoing):
            options = self._server.create_initialization_options()

            async def serve() -> None:
                await self._server.run(incoming, outgoing, options, stateless=True)

            tasks.start_soon(serve)
            try:
                await transport.handle_request(scope, self._replay(receive), send)
            finally:
                with anyio.CancelScope(shield=True):
                    await transport.terminate()
                tasks.cancel_scope.cancel()

    def _replay(self, receive: Receive) -> Receive:
        messages: list[Message] = [{"type": "http.request", "body": self._message, "more_body": False}]

        async def replay() -> Message:
            return messages.pop() if messages else await receive()

        return replay


def _result(answer: Answer) -> types.CallToolResult:
    facts = json.dumps(answer.facts, ensure_ascii=False, default=str)
    texts = [facts] if answer.text is None else [facts, answer.text]
    return types.CallToolResult(content=[types.TextContent(type="text", text=text) for text in texts])


def _failure(error: WordlightError) -> types.CallToolResult:
    text = json.dumps(error.to_dict(), ensure_ascii=False)
    return types.CallToolResult(content=[types.TextContent(type="text", text=text)], isError=True)
