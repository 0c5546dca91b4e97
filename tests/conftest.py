"""Make `tests/support.py` importable as `support` from every test folder (tests are no package)."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
