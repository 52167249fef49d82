"""The last answer: what nobody expected is answered like any other error, and the connection goes on.

The framework answers such an error too, but raises it again, whereupon the server closes the connection.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from import_pipeline.api.refusals import answer_of, refusal_of


class UnexpectedErrors:
    """Answers what the application raised, unless an answer has begun already.

    Args:
        app: The application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on."""
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as error:  # whatever nobody foresaw is answered; what has begun to be answered cannot be
            if begun or scope["type"] != "http":
                raise
            await answer_of(scope["path"], refusal_of(error))(scope, receive, send)
