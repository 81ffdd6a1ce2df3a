"""The HTTP API: the calls of the contract, section 9.

A call validates its input, calls the library and shapes the answer. No rule of compensation is
implemented here. `create_app` in `api.app` builds the application, ``python -m api`` serves it.
"""
