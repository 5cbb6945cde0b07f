"""Functions that the page's scripts call to follow, steer, keep and delete transcriptions, and to begin live ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import gradio as gr

from page.deletions import Deletions
from page.following import Following
from page.identity import caller_name
from page.other_language import transcribe_in
from page.page_jobs import PageJobs
from page.revisions import rename_transcript, revise_transcript
from page.script_answers import Answer, answered, result_or_error
from page.transcript_store import TranscriptStore
from server.live_tickets import LiveTickets

MAX_TOKENS = 500  # of one request

Functions = list[Callable[..., Any]]


def following_functions(jobs: PageJobs, following: Following) -> Functions:
    """Returns the functions that show, stop and continue transcriptions."""

    async def follow(asked: Any) -> Answer:
        """Returns the state of a transcription once it is news to the page; see `Following.next`."""
        return await result_or_error(partial(following.next, asked))

    async def recall(asked: Any) -> Answer:
        """{token, brief, read} -> the state of a transcription at this moment, as `follow` answers it.

        A brief answer has the state and, of a stored transcript, `kept_until` and `revision`; with `read`, the
        transcript is kept longer.
        """

        def work(asked: Any) -> Answer:
            token = str(asked["token"])
            if asked.get("brief"):
                return following.brief(token, is_read=bool(asked.get("read")))
            return following.look(token)

        return await answered(work, asked)

    async def states(asked: Any) -> Answer:
        """{tokens} -> {states: {token: {state, kept_until?}}}: what the page's list of recent transcripts shows."""

        def work(asked: Any) -> Answer:
            return {"states": {token: following.brief(token) for token in list(asked["tokens"])[:MAX_TOKENS]}}

        return await answered(work, asked)

    async def halt(asked: Any) -> Answer:
        """{tokens} -> {}: stops transcriptions, the last one first, so that none begins meanwhile."""

        def work(asked: Any) -> Answer:
            for token in reversed(list(asked["tokens"])[:MAX_TOKENS]):
                jobs.stop(str(token))
            return {}

        return await answered(work, asked)

    async def go_on(asked: Any) -> Answer:
        """{token} -> {}: goes on with a transcription that was stopped, after its last words."""

        def work(asked: Any) -> Answer:
            jobs.resume(str(asked["token"]))
            return {}

        return await answered(work, asked)

    return [follow, recall, states, halt, go_on]


def keeping_functions(store: TranscriptStore, jobs: PageJobs) -> Functions:
    """Returns the functions that change, replace and delete stored transcripts."""
    deletions = Deletions(store, jobs)

    async def revise(asked: Any) -> Answer:
        """Keeps a transcript as it was corrected; see `page.revisions`. Everyone with the link may do so."""
        return await answered(partial(revise_transcript, store), asked)

    async def rename(asked: Any) -> Answer:
        """{token, name} -> {name}: gives a transcript another name than its file has."""
        return await answered(partial(rename_transcript, store), asked)

    async def transcribe_again(asked: Any, request: gr.Request) -> Answer:
        """{token, language, keep} -> {run, kept}: in another language; see `page.other_language`."""
        return await answered(partial(transcribe_in, store, jobs, caller_name(request)), asked)

    async def forget(asked: Any) -> Answer:
        """{tokens, undoable} -> {}: deletes transcripts, their recordings and the work at them.

        If it is undoable, they are gone for every reader at once, and for good some seconds later.
        """

        def work(asked: Any) -> Answer:
            deletions.delete(list(asked["tokens"])[:MAX_TOKENS], bool(asked.get("undoable")))
            return {}

        return await answered(work, asked)

    async def unforget(asked: Any) -> Answer:
        """{tokens} -> {}: brings back what was deleted a moment ago."""

        def work(asked: Any) -> Answer:
            deletions.undo(list(asked["tokens"])[:MAX_TOKENS])
            return {}

        return await answered(work, asked)

    return [revise, rename, transcribe_again, forget, unforget]


def live_function(tickets: LiveTickets) -> Callable[..., Any]:
    """Returns the function that lets the page open WS /v1/live."""

    async def live_ticket(_: Any, request: gr.Request) -> Answer:
        """{} -> {ticket}: for one connection, within a minute."""
        return {"ticket": tickets.issue(caller_name(request))}

    return live_ticket
