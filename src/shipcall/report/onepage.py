"""One page as Markdown: eight questions, their answers, and a line for every signature."""

from shipcall.report.markup import escaped
from shipcall.report.text import clean_view
from shipcall.report.words import View, counted, moment, short_hash

_LONGEST = 600


def one_page_markdown(view: View) -> str:
    """Write the eight questions of a contract for a registry or a wiki.

    Args:
        view: From `app.onepage.one_page`.
    """
    page = clean_view(view)
    release = page["release"]
    models = f"{_safe(release['candidate'])} against {_safe(release['baseline'])}"
    lines = [
        f"# {_safe(release['id'])}: {models}",
        "",
        f"{_safe(page['study'])} {state_of(page)}",
        "",
    ]
    for one in page["questions"]:
        lines += [f"## {one['number']}. {one['asked']}", ""]
        lines += [f"- {_safe(answer)}" for answer in one["answers"]]
        if one["left"]:
            lines.append(f"- {counted(one['left'], 'line')} more in the contract")
        lines.append("")
    lines += ["## Signed", ""]
    lines += [f"- {_safe(block)}: ______________________" for block in blocks_of(page)]
    return "\n".join(lines) + "\n"


def state_of(page: View) -> str:
    """Say which contract this is and whether it is sealed."""
    amended = f", amended {counted(page['amendments'], 'time')}" if page["amendments"] else ""
    sealed = f"sealed {moment(page['sealed_at'])}{amended}" if page["sealed_at"] else "not sealed"
    return f"Contract {short_hash(page['contract'])}, {sealed}."


def blocks_of(page: View) -> list[str]:
    """Who has to sign: the blocks of the contract, else its owner."""
    return list(page["signatures"]) or [page["release"]["owner"]]


def _safe(text: str) -> str:
    return escaped(text, most=_LONGEST)
