"""Lists as JSON writes them: `["food, drink", "plain"]`, the form in which stored records are given out.

No delimiter can be mistaken in it, so every type of list reads it, whatever stands between the entries of other cells.
"""


def json_list(text_sql: str) -> str:
    """SQL of the texts of a JSON array, in their order; NULL where a text is no JSON array of texts alone."""
    kinds = f"list_transform(json_extract({text_sql}, '$[*]'), lambda entry: json_type(entry))"
    return (
        f"CASE WHEN prefix({text_sql}, '[') AND suffix({text_sql}, ']') AND json_valid({text_sql})"
        f" THEN CASE WHEN list_has_all(['VARCHAR'], {kinds}) THEN from_json({text_sql}, '[\"VARCHAR\"]') END END"
    )
