"""How a delimited text is written: the dialect, the candidates for it, and the score that chooses among them."""
