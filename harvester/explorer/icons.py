"""The few icons of the pages, drawn here so that nothing is fetched."""

from __future__ import annotations

from markupsafe import Markup

_STROKE = 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round"'
_LOCK = (
    f'<circle {_STROKE} cx="12" cy="15.5" r="6"/>'
    '<circle cx="12" cy="15.5" r="1.8" fill="currentColor"/>'
)

_ICONS = {
    "search": f'<g {_STROKE}><circle cx="10.5" cy="10.5" r="6.5"/><path d="M15.5 15.5 21 21"/></g>',
    "cross": f'<path {_STROKE} d="M5 5 19 19M19 5 5 19"/>',
    "without": f'<g {_STROKE}><circle cx="12" cy="12" r="9"/><path d="M7.5 12h9"/></g>',
    "tick": f'<path {_STROKE} d="M4 13l5 5L20 6"/>',
    "arrow": f'<path {_STROKE} d="M7 17 17 7M9 7h8v8"/>',
    "open": f'<path {_STROKE} d="M7 11V7a5 5 0 0 1 9.6-2"/>{_LOCK}',
    "closed": f'<path {_STROKE} d="M7 10V7a5 5 0 0 1 10 0v3"/>{_LOCK}',
    "clock": f'<g {_STROKE}><circle cx="12" cy="12" r="9"/><path d="M12 7v5l3.5 2"/></g>',
    "warning": f'<g {_STROKE}><path d="M12 4 2.5 20h19z"/><path d="M12 10v4M12 17v.2"/></g>',
    "orcid": (
        '<circle cx="12" cy="12" r="11" fill="#a6ce39"/><g fill="#fff">'
        '<path d="M7.3 8.6h1.6v8.2H7.3z"/><circle cx="8.1" cy="6.6" r="1"/>'
        '<path d="M10.9 8.6h3.3c3 0 4.4 2.1 4.4 4.1 0 2.3-1.7 4.1-4.4 4.1h-3.3zm1.6 1.4v5.4h1.7'
        'c2.2 0 2.8-1.6 2.8-2.7 0-1.5-.9-2.7-2.9-2.7z"/></g>'
    ),
    "brand": (
        f'<path {_STROKE} d="M5 4h4v16H5zM9 4h4v16H9z"/>'
        f'<path {_STROKE} d="m14.2 5.2 3.6-1 3.9 14.9-3.6 1z"/>'
    ),
}


def icon(name: str, size: int = 18) -> Markup:
    """Draw an icon that stands beside words; it has no words of its own.

    Args:
        name: which one.
        size: its width and height in CSS pixels.
    """
    return Markup(
        f'<svg width="{size}" height="{size}" viewBox="0 0 24 24" aria-hidden="true">'
        f"{_ICONS[name]}</svg>"
    )
