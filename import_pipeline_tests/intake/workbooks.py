"""Small workbooks made by hand, part by part, so that tests can break any of them; XLS, which has no parts, by xlwt."""

import io
import zipfile
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from xml.sax.saxutils import escape

import xlwt

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "urn:oasis:names:tc:opendocument:xmlns"


def by_its_kind(value: Any) -> str | None:
    """A name for a parameter of a test: archives hold the time at which they were made, so their bytes are none."""
    return "bytes" if isinstance(value, bytes) else None


def xlsx(sheets: dict[str, list[list[Any]]], **parts: bytes) -> bytes:
    """An XLSX workbook; further or other parts by their path (`__` for a slash)."""
    names = list(sheets)
    listed = "".join(f'<sheet name="{escape(n)}" sheetId="{i}" r:id="r{i}"/>' for i, n in enumerate(names, 1))
    related = "".join(
        f'<Relationship Id="r{i}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, len(names) + 1)
    )
    found = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{related}</Relationships>',
    }
    for i, rows in enumerate(sheets.values(), 1):
        lines = "".join(f"<row>{''.join(map(_xlsx_cell, row))}</row>" for row in rows)
        found[f"xl/worksheets/sheet{i}.xml"] = f'<worksheet xmlns="{MAIN}"><sheetData>{lines}</sheetData></worksheet>'
    return _packed(found | {name.replace("__", "/"): content for name, content in parts.items()})


def xlsx_of_parts(
    sheets: dict[str, str],
    formats: Sequence[str | int] = (),
    *,
    hidden: Collection[str] = (),
    is_1904: bool = False,
    is_calculated_later: bool = False,
    parts: Mapping[str, bytes] | None = None,
) -> bytes:
    """An XLSX workbook of sheets that are given as XML: the rows, or all that stands in the sheet.

    Args:
        sheets: Name → `<row>`s, or `<cols>`, `<sheetData>`, `<mergeCells>`.
        formats: Number formats, as code or as number of a built-in one; style 1 is the first of them.
        hidden: The sheets that are hidden.
        is_1904: Whether days are counted from 1904.
        is_calculated_later: Whether formulas are to be calculated when the workbook is opened.
        parts: Further or other parts, by their path.
    """
    state = {True: ' state="hidden"', False: ""}
    listed = "".join(
        f'<sheet name="{escape(n)}" sheetId="{i}"{state[n in hidden]} r:id="r{i}"/>' for i, n in enumerate(sheets, 1)
    )
    related = "".join(
        f'<Relationship Id="r{i}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, len(sheets) + 1)
    )
    related += f'<Relationship Id="r99" Type="{RELATIONS}/styles" Target="styles.xml"/>'
    codes = {200 + i: code for i, code in enumerate(formats) if isinstance(code, str)}
    numbers = [200 + i if isinstance(code, str) else code for i, code in enumerate(formats)]
    declared = "".join(
        f'<numFmt numFmtId="{i}" formatCode="{escape(c, {chr(34): "&quot;"})}"/>' for i, c in codes.items()
    )
    styles = "".join(f'<xf numFmtId="{number}"/>' for number in (0, *numbers))
    found = {
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><workbookPr date1904="{int(is_1904)}"/>'
        f'<sheets>{listed}</sheets><calcPr fullCalcOnLoad="{int(is_calculated_later)}"/></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{related}</Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts>{declared}</numFmts>'
        f'<cellStyleXfs><xf numFmtId="0"/></cellStyleXfs><cellXfs>{styles}</cellXfs></styleSheet>',
    }
    for i, content in enumerate(sheets.values(), 1):
        data = content if "<sheetData>" in content else f"<sheetData>{content}</sheetData>"
        found[f"xl/worksheets/sheet{i}.xml"] = f'<worksheet xmlns="{MAIN}">{data}</worksheet>'
    return xlsx({}, **{name: content.encode() for name, content in found.items()} | dict(parts or {}))


def row(number: int, *cells: Any, first: str = "A", attributes: str = "") -> str:
    """A row of a sheet of XLSX: a value, or (value, style), or a cell as XML that begins at its attributes.

    >>> row(2, (7, 1), 't="e"><v>#N/A</v>')
    '<row r="2" ><c r="A2" s="1"><v>7</v></c><c r="B2" t="e"><v>#N/A</v></c></row>'
    """
    written = []
    for place, value in enumerate(cells):
        at = f'<c r="{chr(ord(first) + place)}{number}"'
        if value is None:
            continue
        if isinstance(value, tuple):
            written.append(f'{at} s="{value[1]}"><v>{value[0]}</v></c>')
        elif isinstance(value, str) and value.startswith(("t=", "s=", "><f", "><v")):
            written.append(f"{at} {value}</c>" if value[0] != ">" else f"{at}{value}</c>")
        else:
            written.append(at + _xlsx_cell(value)[2:])
    return f'<row r="{number}" {attributes}>{"".join(written)}</row>'


def ods(sheets: dict[str, list[list[Any]]], before: str = "", rows: str = "") -> bytes:
    """An ODS workbook; `before` stands before its XML, `rows` behind the rows of each sheet."""
    tables = "".join(
        f'<table:table table:name="{escape(name)}">'
        + "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in lines)
        + f"{rows}</table:table>"
        for name, lines in sheets.items()
    )
    spaces = " ".join(f'xmlns:{name}="{OFFICE}:{name}:1.0"' for name in ("office", "table", "text", "manifest"))
    return _packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": f"{before}<office:document-content {spaces}><office:body><office:spreadsheet>{tables}"
            "</office:spreadsheet></office:body></office:document-content>",
            "META-INF/manifest.xml": f"<manifest:manifest {spaces}/>",
        }
    )


def xls(sheets: dict[str, list[list[Any]]]) -> bytes:
    """An XLS workbook (BIFF8), as Excel up to 2003 writes it."""
    formats = {datetime: "YYYY-MM-DD hh:mm", date: "DD.MM.YYYY", time: "hh:mm:ss"}
    styles = {kind: xlwt.easyxf(num_format_str=format) for kind, format in formats.items()}
    workbook = xlwt.Workbook()
    for name, rows in sheets.items():
        sheet = workbook.add_sheet(name)
        for row_number, row in enumerate(rows):
            for place, value in enumerate(row):
                if value is not None:
                    sheet.write(row_number, place, value, styles.get(type(value), xlwt.Style.default_style))
    sink = io.BytesIO()
    workbook.save(sink)
    return sink.getvalue()


def _xlsx_cell(value: Any) -> str:
    if value is None:
        return "<c/>"
    if isinstance(value, bool):
        return f'<c t="b"><v>{int(value)}</v></c>'
    if isinstance(value, (int, float)):
        return f"<c><v>{value!r}</v></c>"
    return f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>'


def _ods_cell(value: Any) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, bool):
        return f'<table:table-cell office:value-type="boolean" office:boolean-value="{str(value).lower()}"/>'
    if isinstance(value, (int, float)):
        return f'<table:table-cell office:value-type="float" office:value="{value!r}"/>'
    if isinstance(value, date):
        return f'<table:table-cell office:value-type="date" office:date-value="{value.isoformat()}"/>'
    if isinstance(value, time):
        return f'<table:table-cell office:value-type="time" office:time-value="{value:PT%HH%MM%SS}"/>'
    return f'<table:table-cell office:value-type="string"><text:p>{escape(value)}</text:p></table:table-cell>'


def _packed(parts: dict[str, Any]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return sink.getvalue()
