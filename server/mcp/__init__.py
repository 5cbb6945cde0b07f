"""Tools for language models over the Model Context Protocol, at `/mcp`.

`tools` describes the tools, `calls` carries them out over the jobs, `tickets` and `uploads` let a client bring a file,
and `endpoint` speaks the protocol. Each request stands alone: there are no sessions, so that any server of several
may answer, and nothing is held for a client that has left.
"""
