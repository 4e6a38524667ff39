"""`python -m persona_agent`, the same as the command `persona-agent`."""

from .cli import main

if __name__ == "__main__":
    main()
