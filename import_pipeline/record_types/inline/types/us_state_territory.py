"""A state or territory of the United States, by name or code; its code of two letters is stored."""

from import_pipeline.record_types.inline.types._resolved_type import Choice, Lookup, NoOptions, ResolvedType

OPTIONS = NoOptions

# ISO 3166-2:US, as the United States Postal Service abbreviates them.
_STATES = """
AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|DE Delaware|FL Florida|GA Georgia
HI Hawaii|ID Idaho|IL Illinois|IN Indiana|IA Iowa|KS Kansas|KY Kentucky|LA Louisiana|ME Maine|MD Maryland
MA Massachusetts|MI Michigan|MN Minnesota|MS Mississippi|MO Missouri|MT Montana|NE Nebraska|NV Nevada|NH New Hampshire
NJ New Jersey|NM New Mexico|NY New York|NC North Carolina|ND North Dakota|OH Ohio|OK Oklahoma|OR Oregon|PA Pennsylvania
RI Rhode Island|SC South Carolina|SD South Dakota|TN Tennessee|TX Texas|UT Utah|VT Vermont|VA Virginia|WA Washington
WV West Virginia|WI Wisconsin|WY Wyoming|DC District of Columbia|DC Washington DC|DC Washington, D.C.
AS American Samoa|GU Guam|MP Northern Mariana Islands|PR Puerto Rico|UM United States Minor Outlying Islands
VI Virgin Islands|VI U.S. Virgin Islands|VI United States Virgin Islands
"""


def build(options: NoOptions, choices: tuple[Choice, ...]) -> ResolvedType:
    """Text that is looked up."""
    pairs = [line.split(" ", 1) for line in _STATES.replace("\n", "|").strip("|").split("|")]
    meanings = [(code, code) for code, _ in pairs] + [(name, code) for code, name in pairs]
    message = "Not a state or territory of the United States: write its name, or its code of two letters, like NY."
    return ResolvedType(
        Lookup("us_state_territory", code="invalid_state", message=message, meanings=tuple(dict(meanings).items()))
    )
