"""`python -m openrouter_connector` is the command line."""

import sys

from .faces.cli import main

sys.exit(main())
