"""`python -m evals`: the same as `persona-agent eval`."""

import sys

from persona_agent.cli import status

if __name__ == "__main__":
    sys.exit(status(["eval", *sys.argv[1:]]))
