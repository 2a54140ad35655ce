"""Records that are hard to write: every character that some format means something by."""

from __future__ import annotations

from hypothesis import strategies as st

from harvester.model import Abstract, Agent, Container, Identifiers, Keyword, Link, Record

COAR = "http://purl.org/coar/resource_type/"

HARD = [
    r"50% & #1_a {x} ~ ^ \ $5 to $10 <i>",
    "}{",
    "{{{",
    "@article{evil, title = {x}}",
    'a "quoted" text',
    "ends in a backslash \\",
    "السياسة (الاجتماعية) في بلجيكا",
    "社会政策 🏛️👩‍👩‍👧",
    "line\none\r\ntwo\x00three\u2028four",
    "Smith and Sons, Ltd",
    "AND and And",
    "x" * 5000,
    "",
]
SENTENCES = st.one_of(
    st.sampled_from(HARD),
    st.text(max_size=80),
    st.lists(
        st.sampled_from(["and", "{", "}", "\\", "&", "%", "$", "#", "_", "EU", "de", ",", "é", "@"])
    ).map(" ".join),
)
AGENTS = st.builds(
    Agent,
    literal=SENTENCES,
    family=st.none() | SENTENCES,
    given=st.none() | SENTENCES,
    corporate=st.booleans(),
)
TAGS = {"": "", "nld": "nl", "eng": "en", "fra": "fr", "deu": "de", "ltz": "lb", "zxx": "zxx"}
RECORDS = st.builds(
    Record,
    source=st.just("s"),
    title=SENTENCES,
    creators=st.lists(AGENTS, max_size=4),
    languages=st.lists(st.sampled_from(["nld", "eng", "fra", "deu", "ltz", "zxx"]), max_size=2),
    type_uri=st.sampled_from([COAR + code for code in ("c_6501", "c_bdcc", "c_93fc", "c_ddb1")]),
    type=st.none() | SENTENCES,
    year=st.none() | st.integers(-100, 20000),
    issued=st.none() | st.sampled_from(["2019-05", "2019~", "x}"]),
    publishers=st.lists(SENTENCES, max_size=2),
    keywords=st.lists(st.builds(Keyword, SENTENCES), max_size=4),
    abstracts=st.lists(st.builds(Abstract, SENTENCES), max_size=2),
    container=st.none() | st.builds(Container, title=SENTENCES, pages=SENTENCES, volume=SENTENCES),
    identifiers=st.none() | st.builds(Identifiers, doi=SENTENCES, handle=SENTENCES),
    links=st.lists(
        st.builds(Link, SENTENCES.map("https://x.be/".__add__), st.just("landing")), max_size=1
    ),
)
