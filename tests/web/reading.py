"""Reading a page as a person or a policy reads it."""

import html
import re


def words(page: str) -> str:
    """A page's text as a person reads it."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def heading(page: str) -> str:
    """The page's one main heading."""
    (found,) = re.findall(r"<h1\b[^>]*>(.*?)</h1>", page, re.DOTALL)
    return words(found)


def part(page: str, label: str) -> str:
    """The text of the section that bears a label, by itself or by its heading."""
    sections = re.findall(r"<section\b.*?</section>", page, re.DOTALL)
    named = (one for one in sections if label in one.split(">", 1)[0] or f">{label}</h2>" in one)
    return words(next(named))


def inline(page: str) -> list[str]:
    """Whatever of a page the content security policy would refuse."""
    return re.findall(r"<script(?![^>]*\bsrc=)|<style|<[^>]*\sstyle=|<[a-z][^>\"]*\son\w+=", page)


def addresses(page: str) -> set[str]:
    """Where a page's links lead on this server."""
    return {html.unescape(one) for one in re.findall(r'(?:href|hx-get)="(/[^"]*)"', page)}
