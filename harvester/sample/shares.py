"""How the works are spread over years, repositories, regions and types: weights to draw by."""

from __future__ import annotations

FIRST, LAST = 1998, 2025
REVIEWS, DATASETS = 15, 8
ABSTRACT_SHARE = 84
# How many works a year has, relative to the others: slow growth, and a last year that is not over.
HISTOGRAM = dict(
    zip(
        range(FIRST, LAST + 1),
        [6, 6, 6, 6, 7, 7, 8, 8, 9, 10, 11, 13, 14, 15, 17, 18, 19, 21, 22, 23, 24, 26, 28, 27, 25,
         24, 22, 12],
        strict=True,
    )
)  # fmt: skip

# Who holds a work without a place, by its language; with a place its country decides.
HOMES = {
    "fr": {"orbi": 92, "grenzland": 8},
    "en": {"pure": 46, "orbi": 33, "scheldt": 13, "grenzland": 4, "press": 4},
    "nl": {"pure": 76, "scheldt": 18, "orbi": 6},
    "de": {"grenzland": 58, "orbi": 36, "pure": 6},
}
HOMES_BY_COUNTRY = {
    ("nl", "en"): {"pure": 92, "press": 8},
    ("nl", "nl"): {"pure": 100},
    ("lu", "fr"): {"orbi": 80, "grenzland": 20},
    ("lu", "en"): {"orbi": 70, "grenzland": 30},
    ("lu", "de"): {"grenzland": 62, "orbi": 38},
    ("be", "en"): {"orbi": 48, "scheldt": 34, "pure": 18},
    ("be", "nl"): {"pure": 52, "scheldt": 48},
}
REGIONS = {
    ("orbi", "nl"): {"flanders": 100},
    ("orbi", "de"): {"ostbelgien": 75, "luxembourg": 25},
    ("grenzland", "fr"): {"luxembourg": 70, "wallonia": 30},
    ("grenzland", "de"): {"ostbelgien": 62, "luxembourg": 38},
    ("grenzland", "en"): {"luxembourg": 70, "ostbelgien": 30},
}
HOME_REGIONS = {
    "orbi": {"wallonia": 86, "luxembourg": 7, "flanders": 7},
    "pure": {"netherlands": 88, "flanders": 12},
    "scheldt": {"flanders": 100},
    "press": {"netherlands": 50, "flanders": 50},
}
TYPES = {
    "orbi": {"article": 43, "chapter": 16, "conference": 12, "doctoral": 5, "master": 6,
             "report": 7, "working-paper": 5, "book": 6},
    "pure": {"article": 54, "chapter": 15, "conference": 6, "doctoral": 9, "report": 7,
             "working-paper": 4, "book": 5},
    "scheldt": {"article": 52, "chapter": 16, "conference": 12, "doctoral": 10, "book": 5,
                "report": 5},
    "grenzland": {"article": 34, "chapter": 20, "conference": 12, "master": 10, "report": 12,
                  "working-paper": 6, "book": 6},
    "press": {"article": 100},
}  # fmt: skip
# Which country a text is about if it uses such a word, and else, by the repository.
STEMS = {
    "luxembourg": ("Luxemb", "luxemb", "Grand-Duché", "Großherzog"),
    "belgium": ("Belgi", "belge", "belgi", "Belgisch"),
    "netherlands": ("Dutch", "Netherlands", "Nederland", "Pays-Bas", "Niederl"),
    "flanders": ("Flemish", "Flanders", "Vlaam", "Vlaander", "Flandre", "flamand"),
    "wallonia": ("Wallon", "wallon"),
    "brussels": ("Bruxelle", "Brussel", "bruxell", "Brüssel"),
    "greater-region": ("Grande Région", "Grenzregion", "Greater Region", "Moselle", "Meuse"),
    "ostbelgien": ("ostbelg", "Ostbelg", "Deutschsprachige", "deutschsprachige"),
}
COUNTRIES = {
    "orbi": "belgium", "pure": "netherlands", "scheldt": "flanders", "grenzland": "luxembourg",
}  # fmt: skip
TEAM_SIZES = {1: 36, 2: 35, 3: 20, 4: 9}
FEW = {1: 68, 2: 32}
ALONE = ("doctoral", "master")
