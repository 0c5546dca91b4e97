"""``python -m coldrack``: the command line."""

import sys

from coldrack.solver.cli import main

sys.exit(main())
