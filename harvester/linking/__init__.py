"""Group: finds the records that describe one publication, and says why.

A record becomes `Traits` (`traits`), which share keys with those that may describe the same
(`blocking`); a pair is compared feature by feature (`evidence`), and pairs that hold together
become works (`grouping`). Weights and thresholds are data: `schemas/linking.yml`.
"""
