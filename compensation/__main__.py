"""``python -m compensation`` is the command ``compensation``."""

import sys

from compensation.cli import main

sys.exit(main())
