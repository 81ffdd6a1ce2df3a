"""The HTTP API: the calls of the contract's section 9, thin around the library.

A call validates, calls the library and shapes the answer; no rule stands here. `create_app` in
`api.app` makes the application, ``python -m api`` serves it.
"""
