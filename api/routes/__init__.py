"""The calls, a module for each group; `api.app` includes the `router` of each."""
