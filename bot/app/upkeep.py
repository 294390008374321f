"""What the running bot does from time to time: it keeps texts no longer than it should.

Lives here: when it is done. Not here: what is removed (`bot.store.upkeep`).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta

from bot.errors import StoreError
from bot.ports import Clock, Told
from bot.store.upkeep import Upkeep

_LOG = logging.getLogger(__name__)

_EVERY = timedelta(hours=1)


async def keep_to_retention(
    upkeep: Upkeep, retention: Mapping[str, timedelta], told: Told, clock: Clock
) -> None:
    """Remove what is older than `retention` allows, by source, every hour until cancelled.

    `told` has the cards of such cases redrawn without their texts.
    """
    while True:
        for source, kept in retention.items():
            try:
                now = clock.now()
                done = await upkeep.expire(source, now - kept, told, now)
            except StoreError:
                _LOG.exception("what is too old could not be removed; the next hour tries again")
                continue
            if done.comments or done.cases:
                _LOG.info(
                    "%d comments and %d cases of %s passed their time; their texts are gone",
                    done.comments,
                    done.cases,
                    source,
                )
        await clock.sleep(_EVERY.total_seconds())
