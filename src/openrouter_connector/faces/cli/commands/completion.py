"""`completion`: print the set-up of completion for a shell."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from .. import help_text
from ..terminal import print_text


def configure(parser: ArgumentParser) -> None:
    """Add the name of the shell."""
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), help="the shell to complete in")
    parser.epilog = _EPILOG


def run(args: Namespace) -> int:
    """Print the script that the shell reads when it starts."""
    from argcomplete.shell_integration import shellcode

    programs = [help_text.SHORT_NAME, help_text.PROGRAM]
    print_text(shellcode(programs, shell=args.shell), end="")
    return 0


_EPILOG = """\
Add one of these lines to the file that your shell reads at its start:
  bash   eval "$(orc completion bash)"         # ~/.bashrc
  zsh    eval "$(orc completion zsh)"          # ~/.zshrc, after compinit
  fish   orc completion fish | source          # ~/.config/fish/config.fish

It completes commands, flags and their values, saved connections, and models and voices of the
lists that were loaded before (`orc options ask model` loads one)."""
