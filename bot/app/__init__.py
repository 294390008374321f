"""The composition root: builds all parts from settings, and closes them in reverse.

Lives here: which engine, store and edge are put together for which use. Not here: any work. What
runs live is imported where it is wanted (`bot.app.live`), for it loads Discord's library.
"""

from bot.app.offline import offline_pipeline, offline_scorer

__all__ = ["offline_pipeline", "offline_scorer"]
