"""The one exception that the command line shows without a traceback."""


class BookError(ValueError):
    """Something in the project or on the command line is wrong; the message says what to change."""


class RenderError(BookError):
    """Sphinx did not accept the pages."""
