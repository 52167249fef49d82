"""Header and rows of the files that people really upload: exports, lab data, spreadsheets saved as CSV."""

from pathlib import Path

import pytest

from import_pipeline.intake.payload import open_table
from import_pipeline.intake.table import Payload
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.settings import Settings

SPEND = "".join(
    f'Department for Work,Agency,{day:02d}/09/2018,Grants,Policy,SUPPLIER {day} LTD,40000{day},"{day},250.{day:02d}"\n'
    for day in range(1, 29)
)
SPEND_HEADER = (
    "Department family",
    "Entity",
    "Date",
    "Expense Type",
    "Expense area",
    "Supplier",
    "Transaction No",
    "Amount",
)

CASES = {
    "title and blank lines above the header": (
        f"Spend over £25,000\nSeptember 2018\n\n{','.join(SPEND_HEADER)}\n{SPEND}",
        SPEND_HEADER,
        28,
    ),
    "title rows padded by a spreadsheet": (
        f"Spend over £25k,,,,,,,\n,,,,,,,\n{','.join(SPEND_HEADER)}\n{SPEND}",
        SPEND_HEADER,
        28,
    ),
    "LinkedIn's notes": (
        'Notes:\n"When exporting your connection data, you may notice that some of the email addresses are missing. '
        'You will only see email addresses for connections who have allowed it."\n\n'
        "First Name,Last Name,URL,Email Address,Company,Position,Connected On\n"
        "Ada,Lovelace,https://www.linkedin.com/in/ada,,Analytical Engines,Countess,03 Mar 2024\n"
        "Bob,Builder,https://www.linkedin.com/in/bob,bob@example.com,Builders,Boss,04 Apr 2023\n",
        ("First Name", "Last Name", "URL", "Email Address", "Company", "Position", "Connected On"),
        2,
    ),
    "comment lines and a comment in the body": (
        "# made by a logger\n# 2020\ntime,value,unit\n1,2.5,m\n# paused\n2,2.6,m\n3,2.7,m\n",
        ("time", "value", "unit"),
        3,
    ),
    "a commented header is still above the data": (
        "time,value\n0.0,1.5\n0.1,1.6\n0.2,1.7\n",
        ("time", "value"),
        3,
    ),
    "numbers without a header": ("1,2,3\n4,5,6\n7,8,9\n", None, 3),
    "numbers with a sign and exponent without a header": ("-1.5e-3\t2.0\n-1.6e-3\t2.1\n-1.7e-3\t2.2\n", None, 3),
    "records without a header": (
        "".join(f"2018-01-{d:02d},Berlin,{d * 3}.5,open\n" for d in range(1, 20)),
        None,
        19,
    ),
    "units below the names": (
        "Time,Force,Extension\n(s),(N),(mm)\n" + "".join(f"{i}.0,{i}.25,0.{i}\n" for i in range(1, 30)),
        ("Time (s)", "Force (N)", "Extension (mm)"),
        29,
    ),
    "instrument settings above the table": (
        "Instrument,Instron 5966\nOperator,AB\nDate,12/03/2015\n\n"
        "Time,Extension,Load\n" + "".join(f"0.{i},{i}.5,{i}.75\n" for i in range(1, 40)),
        ("Time", "Extension", "Load"),
        39,
    ),
    "groups above the names": (
        ",,2015,,2016,\nRegion,Code,Births,Deaths,Births,Deaths\n"
        + "".join(f"Region {i},E{i:04d},{i * 3},{i * 2},{i * 4},{i}\n" for i in range(1, 20)),
        ("Region", "Code", "2015 Births", "Deaths", "2016 Births", "Deaths"),
        19,
    ),
    "years as names": (
        "Country,2010,2011,2012,2013\nFrance,1.5,2.5,3.5,4.5\nSpain,5.5,6.5,7.5,8.5\nItaly,1.25,2.25,3.25,4.25\n",
        ("Country", "2010", "2011", "2012", "2013"),
        3,
    ),
    "footnotes": (
        "Area,Rate,Count\n"
        + "".join(f"Area {i},{i}.5,{i}\n" for i in range(1, 15))
        + "\nSource: a ministry\nNotes: estimates\n",
        ("Area", "Rate", "Count"),
        14,
    ),
    "texts only": (
        "name,team,town\nAda,red,London\nBob,blue,Paris\nCleo,red,Paris\nDan,blue,London\n",
        ("name", "team", "town"),
        4,
    ),
    "texts only, unusual names": (
        "Besitzer;Tierart;Farbe\nAnna Schmidt;Katze;rot\nBernd Maier;Hund;blau\nCarla Kurz;Katze;blau\nD;Hund;rot\n",
        ("Besitzer", "Tierart", "Farbe"),
        4,
    ),
    "texts only without a header": (
        "red,London,open\nblue,Paris,open\nred,Paris,closed\nblue,London,closed\nred,London,open\n",
        None,
        5,
    ),
    "one column with a header": ("email\nada@example.com\nbob@example.com\n", ("email",), 2),
    "one column of texts": ("name\nAda Lovelace\nBob Builder\nCleo Patra\n", ("name",), 3),
    "one column without a header": ("ada@example.com\nbob@example.com\ncleo@example.com\n", None, 3),
    "declared by Excel": ("sep=;\na;b\n1;2,5\n3;4,5\n", ("a", "b"), 2),
    "decimal commas": (
        "Datum;Betrag;Ort\n01.02.2020;1.234,50;Köln\n02.02.2020;2,75;Bonn\n",
        ("Datum", "Betrag", "Ort"),
        2,
    ),
    "pipes": ("id|name|note\n1|Ada|x, y\n2|Bob|z, a\n", ("id", "name", "note"), 2),
    "tabs with commas in texts": (
        "id\tname\tnote\n1\tLovelace, Ada\tx, y, z\n2\tBuilder, Bob\tz\n3\tC\t\n",
        ("id", "name", "note"),
        3,
    ),
    "unit separators": ("id\x1fname\n1\x1fAda\n2\x1fBob\n", ("id", "name"), 2),
    "two bars": ("id||name||town\n1||Ada||London\n2||Bob||Paris\n", ("id", "name", "town"), 2),
    "comma and space": ('id, name, town\n1, "Lovelace, Ada", London\n2, Bob, Paris\n', ("id", "name", "town"), 2),
    "spaces with quotes": ('id name town\n1 "Ada Lovelace" London\n2 "Bob Builder" Paris\n', ("id", "name", "town"), 2),
    "single quotes": (
        "id,name,note\n1,'Lovelace, Ada','it''s, so'\n2,'Bob, B','x'\n3,'C, D','y'\n",
        ("id", "name", "note"),
        3,
    ),
    "backslashes": (
        'id,name,note\n1,"Ada \\"the\\" L","x, y"\n2,"Bob","say \\"hi, you\\""\n3,"C","z"\n',
        ("id", "name", "note"),
        3,
    ),
    "dates and times with colons": (
        "".join(["when,what\n", *(f"2020-01-01 10:{m:02d}:00,ok\n" for m in range(20))]),
        ("when", "what"),
        20,
    ),
    "log lines of one column": (
        "message\n" + "".join(f"error: disk {i} is full\n" for i in range(10)),
        ("message",),
        10,
    ),
    "the last column is always empty": (
        "name,amount,remark\nAda,1,\nBob,2,\nCleo,3,\n",
        ("name", "amount", "remark"),
        3,
    ),
    "rows end with a delimiter": ("a;b;c;\n1;2;3;\n4;5;6;\n", ("a", "b", "c", ""), 2),
    "data rows end with a delimiter": ("alpha,beta\n1,2,\n4,5,\n6,7,\n", ("alpha", "beta"), 3),
    "empty names": ("id,,town\n1,x,London\n2,y,Paris\n", ("id", "", "town"), 2),
    "a header only": ("name,email,phone\n", ("name", "email", "phone"), 0),
    "a header and one row": ("name,born,email\nAda,1815-12-10,ada@example.com\n", ("name", "born", "email"), 1),
    "a header and one row of texts": ("name,team\nAda,red\n", ("name", "team"), 1),
    "names with numbers in them": (
        "F1,F2,Class1\n0.5,0.25,1\n0.75,0.125,2\n0.5,0.625,1\n",
        ("F1", "F2", "Class1"),
        3,
    ),
    "two header rows of words": (
        "Senior staff,,,Pay,\nPost,Name,Grade,Floor,Ceiling\n"
        + "".join(f"{i},Person {i},SCS{i % 3},{i}0000,{i}5000\n" for i in range(1, 20)),
        ("Senior staff Post", "Name", "Grade", "Pay Floor", "Ceiling"),
        19,
    ),
    "a table of hospitality with no figures": (
        "Minister,Date of hospitality,Name of organisation,Type of hospitality\n"
        "Rt Hon A B MP,Nil Return,,\nC D MP,January,Some Bank,Lunch\nE F MP,February,A Newspaper,Dinner\n",
        ("Minister", "Date of hospitality", "Name of organisation", "Type of hospitality"),
        3,
    ),
    "percentages and blanks": (
        "Area,Male %,Female %\nNorth,45.5%,54.5%\nSouth,n/a,n/a\nWest,50%,50%\n",
        ("Area", "Male %", "Female %"),
        3,
    ),
    "row numbers without a name, as R writes them": (
        '"mpg" "cyl"\n"1" 21.5 6\n"2" 22.8 4\n"3" 18.5 8\n',
        ("", "mpg", "cyl"),
        3,
    ),
    "empty cells at the end are left out": ("a,b,c,d\n1,x\n2,y\n3,z\n4,w,v\n5,u\n", ("a", "b", "c", "d"), 5),
    "a spectrum below its settings, without a header": (
        "TITLE,Sample 3\nDATE,15/03/12\nXUNITS,1/CM\nYUNITS,%T\nNPOINTS,30\nXYDATA\n"
        + "".join(f"{400 + 2 * i}.5,{90 - i}.125\n" for i in range(30)),
        None,
        30,
    ),
    "wavelengths as names": (
        "sample,400,402,404,406\nA,0.5,0.25,0.75,0.5\nB,0.25,0.5,0.5,0.75\nC,0.75,0.5,0.25,0.5\n",
        ("sample", "400", "402", "404", "406"),
        3,
    ),
    "a matrix of numbers": ("5,3,8,1\n2,9,4,7\n6,0,3,3\n1,1,2,9\n", None, 4),
    "names in capitals with values in capitals": (
        "STATE,CODE,OWNER\nOPEN,XA,BOB\nCLOSED,XB,BOB\nOPEN,XC,ADA\n",
        ("STATE", "CODE", "OWNER"),
        3,
    ),
    "one column of names with commas in some": (
        "name\n" + "".join(f"Company {chr(65 + i)}{', Inc.' if i % 4 == 0 else ''}\n" for i in range(20)),
        ("name",),
        20,
    ),
    "the first row of data lost a delimiter": (
        f"{','.join(SPEND_HEADER)}\n{SPEND.replace(',Agency,', 'Agency,', 1)}",
        SPEND_HEADER,
        28,
    ),
    "units under some names": (
        "Zone;NO2;Seen;Note\n;(mg);;\n" + "".join(f"Zone {i};{i}.5;2020-01-{i:02d};ok\n" for i in range(1, 20)),
        ("Zone", "NO2 (mg)", "Seen", "Note"),
        19,
    ),
    "the heading of a section under the names": (
        "Area,Rate,Count\nNorth,,\n" + "".join(f"Area {i},{i}.5,{i}\n" for i in range(1, 15)),
        ("Area", "Rate", "Count"),
        15,
    ),
    "groups with years over names like codes": (
        ",2017,,Female\nLSOA11CD,All,Name,Mean\n"
        + "".join(f"E0100{i:04d},{i * 7},Person {i},{i}.25\n" for i in range(1, 20)),
        ("LSOA11CD", "2017 All", "Name", "Female Mean"),
        19,
    ),
    "groups over names above texts": (
        ",2018,,Male\nStreet,Officer,Author,Status\n"
        + "".join(f"Road {i},Ann B{i},C{i} Dee,{'open' if i % 2 else 'closed'}\n" for i in range(1, 20)),
        ("Street", "2018 Officer", "Author", "Male Status"),
        19,
    ),
    "a padded title above two columns": (
        "Links of the council,\nURL,Unused\n" + "".join(f"https://www.example.org/{i},\n" for i in range(9)),
        ("URL", "Unused"),
        9,
    ),
    "facts about the file above a padded blank line": (
        "Source,Council,,\nDate,12/03/2019,,\nContact,a@example.org,,\n,,,\nTitle,Day,Open,Street\n"
        + "".join(f"Book {i},{i:02d}/03/2019,Y,Road {i}\n" for i in range(1, 9)),
        ("Title", "Day", "Open", "Street"),
        8,
    ),
    "facts about the file above a small table": (
        "Source,Council\nDate,12/03/2019\nContact,a@example.org\n\nTitle,Day,Open,Street\n"
        + "".join(f"Book {i},{i:02d}/03/2019,Y,Road {i}\n" for i in range(1, 4)),
        ("Title", "Day", "Open", "Street"),
        3,
    ),
    "padded notes below the table": (
        "Area,Rate,Count\n"
        + "".join(f"Area {i},{i}.5,{i}\n" for i in range(1, 15))
        + ",,\nSource: a ministry,,\n1. Estimates from March,,\n",
        ("Area", "Rate", "Count"),
        14,
    ),
    "a total and a lone name are rows": (
        "Area,Rate,Count\n" + "".join(f"Area {i},{i}.5,{i}\n" for i in range(1, 15)) + "Total,,105\nArea 99,,\n",
        ("Area", "Rate", "Count"),
        16,
    ),
    "few values in a column, none in the first rows": (
        "Extra,Open?\n,N\n,N\n,N\n,Y\n58,N\n,Y\n7,N\n",
        ("Extra", "Open?"),
        7,
    ),
    "a row that comes again is no header": (
        '"York City",""\n"Leeds","68"\n"York City",""\n"Leeds",""\n"York City","3"\n"Hull","4"\n',
        None,
        6,
    ),
    "telephone numbers in one column": ("Tel.\n020 7412 5168\n020 7569 7278\n020 7220 4661\n", ("Tel.",), 3),
    "telephone numbers beside texts": (
        "Project,Phone\n" + "".join(f'"The ""{i}th"" road",020 7{i}32 84{i}0\n' for i in range(1, 10)),
        ("Project", "Phone"),
        9,
    ),
    "amounts with thousands in one column": (
        "Net Amount (£)\n£19,101.83\n£60,313.18\n£584.77\n£96,697.53\n",
        ("Net Amount (£)",),
        4,
    ),
    "last and first names in one column": ("Author\nSmith, Ada\nO'Brien, Bob\nKhan, Cleo\n", ("Author",), 3),
    "sentences with commas between semicolons, below comments": (
        "# Council\n#\nAuthor;Status;Abstract\n"
        + "".join(f"Smith, Ann{i};open;Water and roads, Schools of {i}.\n" for i in range(12)),
        ("Author", "Status", "Abstract"),
        12,
    ),
    "single quotes around one comma in each row": (
        "Open,Tel.,Comment\n" + "".join(f"Y,020 7899 99{i},'Roads, schools {i}'\n" for i in range(10, 30)),
        ("Open", "Tel.", "Comment"),
        20,
    ),
    "pages that begin with the names again": (
        "lsoa,nr,open\n" + "".join(f"E01{i:04d},{i},Y\n" for i in range(30)) + "lsoa,nr,open\nE010099,99,N\n",
        ("lsoa", "nr", "open"),
        31,
    ),
    "a second table below": (
        "name,age\n"
        + "".join(f"P{i},{i}\n" for i in range(20))
        + "\ncity,country,size\n"
        + "".join(f"C{i},X,{i}\n" for i in range(5)),
        ("name", "age"),
        20,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_header_and_rows_are_found(case: str, tmp_path: Path) -> None:
    content, header, rows = CASES[case]
    path = tmp_path / "payload"
    path.write_text(content, newline="")
    table = open_table(Payload(path, tmp_path / "copy"), ReadOptions(), Settings())
    assert table.header == header
    assert sum(len(block) for block in table.rows()) == rows
