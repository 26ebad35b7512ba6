"""`cmdb completion`: the script that lets a shell complete commands, options, keys and views.

The script hands over the line as far as the cursor. The other half is this program too, called with
`_CMDB_COMPLETE`: click finds out what could stand at the cursor, and here it is put as each shell wants it.
"""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

import click
from click.shell_completion import (
    CompletionItem,
    ShellComplete,
    add_completion_class,
    split_arg_string,
)

from api.cli.root import json_option, leave, root
from api.cli.words import clean

FORMAT = 1
SHELLS = ("bash", "zsh", "fish")


@root.command()
@click.argument("shell", type=click.Choice(SHELLS), metavar="SHELL")
@json_option
def completion(shell: str, *, as_json: bool) -> None:
    r"""Print a script that lets your shell complete commands, options, views and the keys of items.

    \b
    Put one line where your shell finds it at its start, and open a new one:
      bash  ~/.bashrc                   eval "$(cmdb completion bash)"
      zsh   ~/.zshrc, after compinit    eval "$(cmdb completion zsh)"
      fish  ~/.config/fish/config.fish  cmdb completion fish | source

    Keys come from the store that --store or CMDB_STORE names, the first 50 that fit.

    Example: cmdb completion bash
    """
    leave(
        {"format": FORMAT, "shell": shell, "script": _script(shell)},
        lambda document: click.echo(document["script"], nl=False),
        as_json=as_json,
    )


def _script(shell: str) -> str:
    """The script; it calls this program from where it lies, also where the shell would not find it."""
    return _SCRIPTS[shell].replace("PROGRAM", shlex.quote(str(Path(sys.argv[0]).absolute())))


_SCRIPTS = {
    "bash": r"""
_cmdb_completion() {
    local IFS=$'\n' kind value
    COMPREPLY=()
    while IFS=$'\t' read -r kind value; do
        case $kind in
            file) compopt -o default ;;
            prefix) compopt -o nospace; COMPREPLY+=("$value") ;;
            plain) COMPREPLY+=("$value") ;;
        esac
    done < <(CMDB_WORD="$2" CMDB_LINE="${COMP_LINE:0:COMP_POINT}" \
        _CMDB_COMPLETE=bash_complete PROGRAM 2>/dev/null)
}
complete -o nosort -F _cmdb_completion cmdb
""",
    "zsh": r"""
_cmdb_completion() {
    local kind value help
    local -a plain described beginnings
    while IFS=$'\t' read -r kind value help; do
        case $kind in
            file) _files ;;
            prefix) beginnings+=("$value") ;;
            plain) if [[ -n $help ]]; then described+=("${value//:/\\:}:$help"); else plain+=("$value"); fi ;;
        esac
    done < <(CMDB_LINE="${(j: :)words[1,CURRENT-1]} $PREFIX" _CMDB_COMPLETE=zsh_complete PROGRAM 2>/dev/null)
    (( $#described )) && _describe -V cmdb described
    (( $#plain )) && compadd -V cmdb -a plain
    (( $#beginnings )) && compadd -S '' -V cmdb -a beginnings
    return 0
}
compdef _cmdb_completion cmdb
""",
    "fish": r"""
function _cmdb_completion
    for line in (CMDB_LINE=(commandline -cp) _CMDB_COMPLETE=fish_complete PROGRAM 2>/dev/null)
        set -l parts (string split -m 2 \t -- $line)
        switch $parts[1]
            case file
                __fish_complete_path (commandline -ct)
            case plain prefix
                string join \t -- $parts[2..]
        end
    end
end
complete --command cmdb --no-files --keep-order --arguments "(_cmdb_completion)"
""",
}


class _Line(ShellComplete):
    """What could stand at the end of a line, one a line: its kind, what it is, what there is to say of it.

    The kind is `file` if a file is wanted, `prefix` if more of the same word has to follow, or `plain`.
    """

    def source(self) -> str:
        """The script."""
        return _script(self.name)

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words of the line, and the last one as far as it is typed."""
        line = os.environ.get("CMDB_LINE", "")
        words = split_arg_string(line)[1:]
        return (words, "") if not words or line[-1:].isspace() else (words[:-1], words[-1])

    def format_completion(self, item: CompletionItem[str]) -> str:
        """An entry, without characters that would begin another one."""
        kind = "file" if item.type in {"file", "dir"} else "prefix" if item.value[-1:] in _GO_ON else "plain"
        texts = self.written(item.value), item.help or ""
        return "\t".join([kind, *(clean(" ".join(text.split())) for text in texts)])

    def written(self, value: str) -> str:
        """A value as it has to stand on the line."""
        return value


_GO_ON = tuple(":@+=")


class _Zsh(_Line):
    name = "zsh"


class _Fish(_Line):
    name = "fish"


class _Bash(_Line):
    """Bash cuts words at colons and the like, and replaces only what stands behind the last cut."""

    name = "bash"

    def format_completion(self, item: CompletionItem[str]) -> str:
        """An entry without help, for which bash has no room."""
        return super().format_completion(CompletionItem(item.value, item.type))

    def written(self, value: str) -> str:
        """What replaces the piece of the word that bash looks at."""
        _, typed = self.get_completion_args()
        piece = os.environ.get("CMDB_WORD", "")
        kept = len(typed) - len(piece) if typed.endswith(piece) else 0
        return shlex.quote(value[kept:]) if value.startswith(typed) else shlex.quote(value)


for _one in (_Bash, _Zsh, _Fish):
    add_completion_class(_one)
