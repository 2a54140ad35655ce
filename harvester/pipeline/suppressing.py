"""Hides records everywhere, on a librarian's decision or by a legal order; and shows them again."""

from __future__ import annotations

from harvester.archive import items, pages, suppressions
from harvester.archive.ledger import LedgerEntry
from harvester.catalogue import spelling, store
from harvester.pipeline.assessing import assess_again
from harvester.pipeline.writing import apply_again, hide_suppressed, writing
from harvester.settings import Settings


def suppress(settings: Settings, key: str, reason: str, *, erase: bool) -> LedgerEntry:
    """Hide a record, through every rebuild and later harvest.

    Args:
        settings: the installation.
        key: an id, a citation key, or an OAI identifier that only one source has.
        reason: why, in the librarian's own words.
        erase: take its bytes out of both databases too.

    Raises:
        UsageError: the key is unknown, or means several records.
        TryLaterError: another command is writing; or a database is being read, so that erased
            bytes are still in its log.
        HarvesterError: the disk is full, or a page is damaged and cannot be searched.
    """
    with writing(settings, "suppress") as workspace:
        entry = suppressions.suppress(workspace.archive, key, reason)
        hide_suppressed(workspace)
        if erase:
            suppressions.erase(workspace.archive, entry.source, entry.identifier)
            assess_again(workspace)
            store.write_anew(workspace.catalogue)
        else:
            spelling.write_anew(workspace.catalogue)
    return entry


def show_again(settings: Settings, key: str) -> LedgerEntry:
    """Take a suppression back; what was erased comes back when its repository sends it again.

    Raises:
        UsageError: the key is unknown, means several records, or one that is not suppressed.
        TryLaterError: another command is writing.
    """
    with writing(settings, "suppress") as workspace:
        archive = workspace.archive
        entry = suppressions.undo(archive, key)
        forms = items.versions(archive, entry.source, [entry.identifier]).get(entry.identifier, {})
        found = {page for form in forms.values() for page in (form.page, form.deleted_page) if page}
        apply_again(workspace, [pages.read(archive, page) for page in sorted(found)])
    return entry
