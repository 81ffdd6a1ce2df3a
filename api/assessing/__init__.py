"""Whole portfolios: received into a folder, computed in a process that can be stopped, answered.

The service's own process only moves bytes. Reading, computing and writing the answer happen in a
process for each request (`work`), which is killed when it takes too long or the client has gone.
"""
