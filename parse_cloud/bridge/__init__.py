"""JavaScript Cloud Code: an application's `cloud/main.js` in a Node process beside each server process.

`bridge.py` supervises the process, `channel.py` is the connection, `session.py` what goes over it, `calling.py` one
call; `envelopes.py` has what a handler is told, `effects.py` what it leaves, `asking.py` answers what main.js asks. The
other end is `node/`.
"""
