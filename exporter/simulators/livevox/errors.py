"""Errors as LiveVox words them: an HTTP status and `{"code", "message"}`."""

VALIDATION_CODE = 202
_CODES = {400: 201, 401: 101, 403: 103, 404: 104, 405: 105, 406: 106, 429: 129}


class LiveVoxError(Exception):
    """A request that LiveVox refuses."""

    def __init__(self, status: int, message: str, code: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.document = error_document(status, message, code)


def error_document(status: int, message: str, code: int | None = None) -> dict[str, object]:
    """The body of an error. Only code 202 (validation) is publicly known; others are invented."""
    return {"code": _CODES.get(status, 100) if code is None else code, "message": message}
