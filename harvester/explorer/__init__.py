"""Shows the catalogue: a Datasette plugin with a search, record pages and their other forms."""
