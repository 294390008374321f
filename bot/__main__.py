"""Makes `python -m bot` the same as `gavel`."""

import sys

from bot.cli import main

sys.exit(main())
