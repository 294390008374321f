"""A stand-in for Perspective API: its two requests, answered by the model that runs here.

Lives here: the published contract (`contract`, `message`, `attributes`, `errors`), what a comment
is cut into (`sentences`, `languages`) and the two handlers. Not here: keys and limits of the edge
(`bot.web`), nor the document by which clients find the API (`bot.web.discovery`).
"""

from bot.web.perspective.handlers import routes

__all__ = ["routes"]
