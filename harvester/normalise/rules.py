"""The names of all rules, in plain words, and which of them a reader of the record should know of.

A note of the trace names its rule as `module.rule`. The trace holds every value; `Record.notes`
holds those whose rule is told: a value was joined again, taken apart, dropped, inferred or
detected, not merely trimmed. A fallback is what becomes of a value that is not understood: it is
dropped, or left as it is.
"""

from __future__ import annotations

from typing import NamedTuple


class Rule(NamedTuple):
    """What a rule does, in one line, whether a reader should know, and whether it is a fallback."""

    what: str
    told: bool = False
    fallback: bool = False


RULES: dict[str, Rule] = {
    "text.entities": Rule("character entities were resolved"),
    "text.markup": Rule("markup was taken out"),
    "text.controls": Rule("invisible or damaged characters were mended or taken out"),
    "text.mojibake": Rule("a text that was read in the wrong encoding was mended", True),
    "text.unglued": Rule("values that BASE had joined with “ ; ” were taken apart", True),
    "titles.given": Rule("taken as given"),
    "titles.dots": Rule("the dots that BASE puts behind titles were taken off", True),
    "titles.slash": Rule("the slash that cataloguers put behind titles was taken off"),
    "titles.colon": Rule("a blank was put between title and subtitle"),
    "titles.parallel": Rule("joined titles in different languages were taken apart", True),
    "titles.unglued": Rule("titles that were joined with “ ; ” were taken apart", True),
    "titles.longer": Rule("of two titles that begin alike the longer one was kept", True),
    "titles.journal-removed": Rule("the name of the journal was taken out of the title", True),
    "titles.subtitle": Rule("a subtitle that was joined with “ ; ” was put behind a colon", True),
    "titles.undecided": Rule(
        "“ ; ” was left: nothing shows that these are two titles", fallback=True
    ),
    "titles.duplicate": Rule("the same title again"),
    "names.given": Rule("taken as given"),
    "names.parts": Rule("the source gives family and given name apart"),
    "names.orcid": Rule("the ORCID iD was set apart"),
    "names.role": Rule("role or life dates were set apart"),
    "names.affiliation": Rule("a body behind the name was set apart"),
    "names.title": Rule("an academic title was taken off"),
    "names.capitals": Rule("a name in capitals was written as names are", True),
    "names.particle": Rule("a particle was put before the family name", True),
    "names.called": Rule("the given name was taken out of its brackets", True),
    "names.initials": Rule("initials that were run together were taken apart", True),
    "names.initials-last": Rule("initials behind the family name were read as such", True),
    "names.inverted": Rule("a name in direct order was turned round", True),
    "names.several": Rule("several people in one value were taken apart", True),
    "names.number": Rule("a number in the place of a family name was dropped", True),
    "names.mononym": Rule("a single name"),
    "names.corporate": Rule("recognised as a body"),
    "names.unparsed": Rule(
        "left as it is: family and given name cannot be told apart", fallback=True
    ),
    "names.nobody": Rule("dropped: it names nobody", True),
    "types.term": Rule("found in the table of types"),
    "types.version": Rule("it names a version, not a type"),
    "types.base": Rule("BASE's code"),
    "types.default": Rule("the platform's usual type: the record names none", True),
    "types.marker": Rule("the title says what the type does not", True),
    "types.ignored": Rule("it says nothing about the type"),
    "types.unknown": Rule("not in the table of types (schemas/types.yml)", True, fallback=True),
    "dates.iso": Rule("taken as given"),
    "dates.bracketed": Rule("a date in brackets"),
    "dates.compact": Rule("eight digits read as year, month and day"),
    "dates.copyright": Rule("the year of copyright", True),
    "dates.interval": Rule("an interval of years"),
    "dates.partial": Rule("only decade or century are known"),
    "dates.roman": Rule("Roman numerals"),
    "dates.guess": Rule("the source calls the date a guess", True),
    "dates.day-first": Rule("day, month, year"),
    "dates.month-first": Rule("month, day, year"),
    "dates.ambiguous": Rule("day and month may be exchanged: only the year was kept", True),
    "dates.month-name": Rule("the name of a month was read"),
    "dates.season": Rule("the season was read"),
    "dates.year-in-text": Rule("the year was taken out of a text", True),
    "dates.impossible": Rule("dropped: no possible date", True, fallback=True),
    "dates.impossible-month": Rule("the month is impossible: only the year was kept", True),
    "dates.impossible-day": Rule("the day is impossible: year and month were kept", True),
    "dates.midnight": Rule("a time stamp of midnight was read as the date that it stands for"),
    "dates.timestamp": Rule("the time stamp of a deposit"),
    "dates.deposit-year": Rule("only the time of deposit is known: its year was taken", True),
    "dates.embargo": Rule("the end of an embargo"),
    "dates.undated": Rule("the source says that there is no date"),
    "dates.forthcoming": Rule("the source says that it has not appeared", True),
    "dates.not-chosen": Rule("another date of the record is the date of publication"),
    "dates.unread": Rule("dropped: not understood as a date", True, fallback=True),
    "languages.term": Rule("found in the table of languages"),
    "languages.several": Rule("several languages in one value"),
    "languages.wrong-code": Rule("a code that is not this language's, often mistaken for it", True),
    "languages.none": Rule("it names no language"),
    "languages.unknown": Rule(
        "not in the table of languages (schemas/languages.yml)", True, fallback=True
    ),
    "languages.detected": Rule("the record names no language: its words betray it", True),
    "descriptions.given": Rule("taken as given"),
    "descriptions.part": Rule("one of several texts that BASE had joined", True),
    "descriptions.heading": Rule("the word “abstract” before the abstract was taken off"),
    "descriptions.review-status": Rule("it says whether the work was peer reviewed"),
    "descriptions.funding": Rule("it names a funder or programme", True),
    "descriptions.funder": Rule("the source calls it funding"),
    "descriptions.short-funding": Rule(
        "a short line beside an abstract, on this platform funding", True
    ),
    "descriptions.boilerplate": Rule("dropped: it says nothing about the work", True),
    "descriptions.short": Rule("dropped: too short for an abstract, and there is one", True),
    "descriptions.note": Rule("dropped: a note or table of contents", True),
    "descriptions.duplicate": Rule("the same text again"),
    "descriptions.language-detected": Rule("the language of the text was detected", True),
    "keywords.given": Rule("taken as given"),
    "keywords.split": Rule("several keywords in one value were taken apart", True),
    "keywords.rejoined": Rule("a heading that BASE had cut at its commas was put together", True),
    "keywords.learned": Rule(
        "a phrase that BASE had cut at its commas was put together as whole records have it", True
    ),
    "keywords.bracket": Rule("a bracket that BASE had cut at its commas was closed", True),
    "keywords.person": Rule("the parts of a person’s name that BASE had cut were joined", True),
    "keywords.event": Rule("an event and its years that BASE had cut were joined", True),
    "keywords.duplicate": Rule("the same keyword again"),
    "keywords.dropped": Rule("dropped: no keyword", True),
    "keywords.class-marks": Rule(
        "dropped: marks of a classification without their names", True, fallback=True
    ),
    "keywords.address": Rule("the address of a concept"),
    "disciplines.label": Rule("found in the table of disciplines"),
    "disciplines.paired": Rule("the same class again, in another language or by its code"),
    "disciplines.rejoined": Rule("a class that was cut at its commas was put together", True),
    "disciplines.code": Rule("named by its code"),
    "disciplines.group": Rule("a Dewey number, read as the group that it belongs to", True),
    "disciplines.set": Rule("only the set of the record names it", True),
    "identifiers.doi": Rule("a DOI"),
    "identifiers.handle": Rule("a handle"),
    "identifiers.isbn": Rule("an ISBN with the right checksum"),
    "identifiers.issn": Rule("an ISSN with the right checksum"),
    "identifiers.urn": Rule("a URN"),
    "identifiers.pmid": Rule("a PubMed number"),
    "identifiers.arxiv": Rule("an arXiv number"),
    "identifiers.checksum": Rule("dropped: the checksum is wrong", True, fallback=True),
    "identifiers.placeholder": Rule("dropped: a placeholder, registered by nobody", True),
    "identifiers.related": Rule("it may name another work: not taken as this one's"),
    "identifiers.second": Rule("a second one of its kind: the first was kept", True),
    "identifiers.internal": Rule("an identifier without meaning outside its system"),
    "links.landing": Rule("the page of the record"),
    "links.moved": Rule("the page of the record, at today's address of its repository", True),
    "links.resolver": Rule("no page of the record is given: the resolver's address"),
    "links.made-of-identifier": Rule(
        "no page of the record is given: made from its identifier", True
    ),
    "links.no-landing": Rule("only files are given: no page of the record is known", True),
    "links.fulltext": Rule("a file"),
    "links.permalink": Rule("the permanent address at the portal"),
    "links.related": Rule("another address"),
    "links.duplicate": Rule("the same address again, or one that the identifiers give"),
    "citation.given": Rule("taken as given"),
    "citation.title": Rule("a plain title"),
    "citation.pages": Rule("volume, issue or pages"),
    "citation.lirias": Rule("citation as Lirias writes it"),
    "citation.ojs": Rule("citation as OJS writes it"),
    "citation.doaj": Rule("citation as DOAJ writes it"),
    "citation.crossref": Rule("citation as BASE writes Crossref's"),
    "citation.pure": Rule("citation as Pure writes it"),
    "citation.chicago": Rule("citation in the style of Chicago"),
    "citation.french": Rule("citation with n° and p."),
    "citation.repub": Rule("citation with vol., no. and pp."),
    "citation.wur": Rule("citation: volume (year) issue"),
    "citation.bielefeld": Rule("citation: year;volume(issue):pages"),
    "citation.eprints": Rule("citation as EPrints writes it"),
    "citation.hal": Rule("citation as HAL writes it"),
    "citation.dergipark": Rule("citation as DergiPark writes it"),
    "citation.plain": Rule("citation: volume (issue), pages"),
    "citation.cut-off": Rule("citation that was cut off: volume and issue were read", True),
    "citation.itself": Rule("it repeats the record itself: nothing that it appeared in"),
    "citation.publisher": Rule("dropped: it names the publisher, not what the work appeared in"),
    "citation.number": Rule("dropped: a number alone is no page range"),
    "citation.date": Rule("dropped: a day is no issue"),
    "citation.unread": Rule("dropped: not understood as a citation", fallback=True),
    "rights.access": Rule("found in the table of access rights"),
    "rights.base": Rule("what BASE says about access"),
    "rights.free-to-read": Rule("said to be free to read"),
    "rights.embargo": Rule("closed until then"),
    "rights.embargo-passed": Rule("the embargo has passed: open access", True),
    "rights.licence-address": Rule("the address of a licence"),
    "rights.licence-name": Rule("the name of a licence"),
    "rights.page": Rule("dropped: a page about licences is no licence", True),
    "rights.unknown-address": Rule(
        "dropped: an address that names no licence we know", True, fallback=True
    ),
    "rights.statement": Rule("kept in its own words"),
    "rights.second-statement": Rule("a further statement: the first was kept"),
    "rights.meaningless": Rule("it says nothing"),
    "publishers.given": Rule("taken as given"),
    "publishers.nobody": Rule("dropped: it names nobody", True),
    "origin.given": Rule("the record's own header"),
    "origin.recovered": Rule("found out from identifiers, addresses or BASE's codes", True),
    "origin.provider": Rule("who handed the record on"),
    "origin.preferred": Rule("the repository that the record comes from says it otherwise", True),
    "record.unused": Rule("kept in the archive, not used in the record"),
    "record.repaired": Rule("its bytes were no well-formed XML and were repaired", True),
}

TOLD = frozenset(name for name, rule in RULES.items() if rule.told)
FALLBACKS = frozenset(name for name, rule in RULES.items() if rule.fallback)
