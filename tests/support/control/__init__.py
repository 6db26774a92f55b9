"""The control process for black-box conformance: `python -m tests.support.control --port N`.

It serves the API of one application, which the harness configures and resets between its cases through a second HTTP
server that speaks a small JSON protocol: `GET /info`, `POST /configure`, `POST /reset`, `POST /hooks`, `DELETE /hooks`.
"""
