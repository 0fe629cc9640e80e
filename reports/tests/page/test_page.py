"""The page: whole, offline, escaped, and true to the rows."""

import base64
import gzip
import hashlib
import itertools
import json
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import parse_qs

import numpy as np
import pytest

from poolparity.cases.judge.answer import Answer
from poolparity.cases.model.case import Due
from poolparity.cases.model.inputs import Tensor, distinct
from poolparity.cases.model.pool import LAST, Pool
from poolparity.reports.page import full_cases
from poolparity.reports.page.arrays import CELL_LIMIT, draw_array
from poolparity.reports.page.case_views import build_case_views
from poolparity.reports.page.page import SCRIPTS, STYLES, render_page, write_page
from poolparity.reports.page.table import build_table
from poolparity.reports.rows import tables
from poolparity.reports.rows.encode import to_json
from poolparity.reports.rows.records import BadRows, Rows

VOID = {"meta", "input", "wbr", "rect"}
SCRIPT = "<script>alert('boo')</script>"


class Reader(HTMLParser):
    """Reads a page strictly: every element is closed where it was opened."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.elements, self.text = [], [], []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] not in (["style"], ["script"]):
            self.text.append(data)

    def all(self, *tags):
        return [attrs for tag, attrs in self.elements if tag in tags]

    def read_texts(self):
        return " ".join(" ".join(self.text).split())


def unpack(text, name):
    """The data blocks of a page of some name, unpacked."""
    blocks = re.findall(f'<script type="application/octet-stream" {name}>(.*?)</script>', text, re.DOTALL)
    return [json.loads(gzip.decompress(base64.b64decode(block))) for block in blocks]


def whole(rows):
    """What a page says and what it carries: its own text, and that of all cases in full."""
    text = render_page(rows)
    return Reader(text + "".join(item for dozen in unpack(text, 'class="dozen"') for item in dozen))


def all_cells(rows):
    """All cases of some rows as the page shows them."""
    return list(build_case_views(rows, rows.cases).values())


@pytest.fixture
def full(keep, make, make_claim, answers):
    """Rows that have everything a page can show."""
    answers_by_target = {f"target-{name}": {"call": answer, "drop_in": answers["differs"]} for name, answer in answers.items()}
    header = {"suite": "0.1", "left_out": [{"target": "flax", "why": "flax is left out; to add it: pip install flax"}]}
    later = dict.fromkeys(answers_by_target, answers["not_run"])
    return keep(
        (make(), answers_by_target), (make_claim("upheld"), answers_by_target), (make("later", waiting="not yet"), later), header=header
    )


@pytest.fixture
def read(full):
    return whole(full)


def test_every_case_every_target_and_every_verdict_is_there(read, full):
    texts = read.read_texts()
    for word in (
        *full.cases,
        *(row["target"] for row in full.rows),
        "crashes",
        "times out",
        "unsupported",
        "not run",
        "book.txt",
        "chapter 1",
    ):
        assert word in texts
    assert len(read.all("article")) == len(full.cases)


def test_ids_are_unique_and_every_link_leads_to_one(full):
    read = Reader(render_page(full))
    ids = [attrs["id"] for _, attrs in read.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = {attrs["href"] for attrs in read.all("a") if "href" in attrs}
    assert len(links) > 5
    assert {link for link in links if "=" not in link} <= {f"#{item}" for item in ids}
    assert {attrs[name] for _, attrs in read.elements for name in ("for", "aria-labelledby") if name in attrs} - {"case-name"} <= set(ids)


def test_every_link_into_the_table_asks_for_what_is_there(full):
    text = render_page(full)
    links = [parse_qs(attrs["href"][1:], strict_parsing=True) for attrs in Reader(text).all("a") if "=" in attrs.get("href", "")]
    fields = {attrs["name"] for attrs in Reader(text).all("select", "input") if "name" in attrs}
    assert links
    assert {name for link in links for name in link} <= {*fields, "case"}
    assert {case for link in links for case in link.get("case", ())} <= set(full.cases)


def test_nothing_is_fetched(full):
    read = whole(full)
    assert not [attrs for _, attrs in read.elements if attrs.keys() & {"src", "srcset", "data", "action", "poster", "background"}]
    assert not read.all("link", "img", "iframe", "object", "base")
    assert not re.search(r"url\(|@import", "".join(re.findall("<style>.*?</style>", render_page(full), re.DOTALL)))
    assert "sourceMappingURL" not in render_page(full)


def test_the_policy_allows_the_styles_and_the_script_of_the_page_and_nothing_else(full, read):
    text = render_page(full)
    [policy] = [attrs["content"] for attrs in read.all("meta") if attrs.get("http-equiv") == "Content-Security-Policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        inner = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        assert len(inner) == {"style": len(STYLES), "script": len(SCRIPTS)}[tag]
        hashes = [base64.b64encode(hashlib.sha256(item.encode()).digest()).decode() for item in inner]
        assert directives.pop(directive) == " ".join(f"'sha256-{item}'" for item in hashes)
    assert directives == {"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'"}
    assert not [attrs for _, attrs in read.elements if any(name == "style" or name.startswith("on") for name in attrs)]


def test_what_others_wrote_is_shown_and_never_run(keep, make, make_claim, answers, tmp_path):
    hostile = replace(
        make_claim("upheld", name=SCRIPT), about=f"about {SCRIPT}", waiting=None, tags=(SCRIPT,),
        source=replace(make_claim("upheld").source, document=f"document {SCRIPT}", place=f"place {SCRIPT}"),
    )  # fmt: skip
    refusal = Answer("rejects", detail=f"detail {SCRIPT} \udcff")
    rows = keep((hostile, {f"target {SCRIPT}": refusal}), code=f"code {SCRIPT}", header={
        "platform": f"platform {SCRIPT}", "started": f"started {SCRIPT}", "targets": {f"target {SCRIPT}": {"versions": {}, "flags": {SCRIPT: SCRIPT}}},
        "left_out": [{"target": "flax", "why": f"why {SCRIPT}"}],
    })  # fmt: skip
    rows.rows[0]["known"] = f"known {SCRIPT}"
    write_page(rows, tmp_path / "new" / "page.html")
    text = (tmp_path / "new" / "page.html").read_text(encoding="utf-8")
    assert "alert('boo')" not in "".join(re.findall(r"<script.*?</script>", text, re.DOTALL))
    texts = whole(rows).read_texts()
    assert len(whole(rows).all("script")) == len(SCRIPTS) + 2  # the table, and one dozen of cases
    for place in ("about", "document", "place", "detail", "code", "known", "platform", "started", "why", "target"):
        assert f"{place} {SCRIPT}" in texts


def test_half_a_character_does_not_stop_the_page(keep, make, tmp_path):
    rows = keep((make(), {"torch": Answer("rejects", detail="half")}))
    for row in rows.rows:
        row["detail"] = "half \udcff"
    write_page(rows, tmp_path / "page.html")
    assert "half \\udcff" in whole(rows).read_texts()


def test_percentages_are_of_attempted_cases(keep, make, answers):
    texts = Reader(render_page(keep(*((make(name), {"torch": answer}) for name, answer in answers.items())))).read_texts()
    assert "20.0 %" in texts
    assert "none attempted" in Reader(render_page(keep((make(), {"torch": answers["unsupported"]})))).read_texts()


def test_an_empty_run_is_an_error(tmp_path):
    with pytest.raises(BadRows, match="nothing was measured"):
        write_page(Rows(header={"record": "header"}, whole=True), tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()


def test_a_partial_run_is_said_to_be(keep, make, answers):
    case_and_answers = make(), {"torch": answers["agrees"]}
    assert "Partial." in Reader(render_page(keep(case_and_answers, whole=False))).read_texts()
    assert "Partial." not in Reader(render_page(keep(case_and_answers))).read_texts()


def test_what_was_left_out_is_said_with_the_way_to_add_it(read):
    assert "flax is left out; to add it: pip install flax" in read.read_texts()
    assert "1 case that is not run yet" in read.read_texts()


def test_it_is_laid_out_for_those_who_do_not_see_it(full):
    read = Reader(render_page(full))
    tags = [tag for tag, _ in read.elements]
    assert [tags.count(tag) for tag in ("h1", "main", "nav", "header", "footer")] == [1, 1, 1, 1, 1]
    assert all("scope" in attrs for attrs in read.all("th"))
    assert ("html", {"lang": "en"}) in read.elements
    order = [int(tag[1]) for tag in tags if re.fullmatch(r"h\d", tag)]
    assert all(after <= before + 1 for before, after in itertools.pairwise(order))


def colours(style):
    """The colours of a part of the style sheet, by their names."""
    return {
        name: value if len(value) == 6 else "".join(2 * item for item in value) for name, value in re.findall(r"--([\w-]+): #(\w+);", style)
    }


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read_on_its_ground_in_both_schemes(full, scheme):
    light, dark = re.search(
        r"<style>(:root.*?)@media screen and \(prefers-color-scheme: dark\) \{(.*?)\n\}", render_page(full), re.DOTALL
    ).groups()
    ink = colours(light) | (colours(dark) if scheme == "dark" else {})
    pairs = [(f"{name}-ink", name) for name in ("good", "odd", "no", "dead", "late")]
    pairs += [(text, ground) for text in ("ink", "quiet", "link") for ground in ("page", "sheet")] + [("ink", "code")]
    for text, ground in pairs:
        high, low = sorted((luminance(ink[text]), luminance(ink[ground])), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 4.5, (text, ground)


def test_targets_that_gave_the_same_answer_stand_together(keep, make, answers):
    rows = keep((make(), {"torch": answers["agrees"], "jax": answers["agrees"], "flax": answers["differs"], "onnx": answers["differs"]}))
    [entry] = all_cells(rows)
    assert [(group.verdict, dict(group.who)) for group in entry.groups] == [
        ("agrees", {"call": ["torch", "jax"]}),
        ("differs", {"call": ["flax", "onnx"]}),
    ]


def test_a_cell_that_differs_is_marked(keep, make, answers):
    [[text]] = unpack(render_page(keep((make(), {"torch": answers["differs"]}))), 'class="dozen"')
    assert re.findall(r"<mark>(.*?)</mark>", text) == ["3"]


def test_an_error_that_was_due_and_an_answer_that_was_not_are_distinguished(keep, make, answers):
    texts = whole(keep((make(), {"torch": answers["agrees"]}))).read_texts()
    assert "an error: no answer is right" not in texts
    invalid = replace(make(), due=Due(invalid=True))
    texts = whole(keep((invalid, {"torch": answers["rejects"], "jax": answers["agrees"]}))).read_texts()
    assert "an error: no answer is right" in texts
    assert "refused, as expected" in texts
    assert "answered, expected an error" in texts


def test_a_code_stands_once_for_all_the_targets_it_is_for(keep, make, answers):
    both = {"call": answers["agrees"], "drop_in": answers["agrees"]}
    [[text]] = unpack(render_page(keep((make(), {"keras-jax": both, "keras-torch": both}), code="import keras")), 'class="dozen"')
    assert text.count("import keras") == 1
    assert "keras-jax, keras-torch" in text


def test_where_there_are_too_many_cases_those_that_differ_are_there_in_full(keep, make, answers, monkeypatch):
    monkeypatch.setattr(full_cases, "CASE_LIMIT", 1)
    rows = keep(*((make(name), {"torch": answers[name]}) for name in ("agrees", "differs", "unsupported")))
    text = render_page(rows)
    [[full]] = unpack(text, 'class="dozen"')
    [table] = unpack(text, 'id="packed"')
    assert "specs/max_pool/pairs.yaml::differs" in full
    assert table["places"] == [-1, 0, -1]
    assert "This page includes 1 of the 3 cases in full" in Reader(text).read_texts()


def test_a_large_array_is_reported_by_its_first_differing_cells(make):
    due = distinct([1, 1, CELL_LIMIT + 1], 0, "float32").value
    got = due.copy()
    got[0, 0, 7] = -1
    picture = draw_array(to_json(got), line(make()), to_json(due), {"ulp": 0})
    assert not picture.planes
    assert picture.differing == (("[0, 0, 7]", "-1", str(int(due[0, 0, 7]))),)


def test_an_array_past_the_rows_limit_is_reported_by_the_cells_that_the_row_has(make):
    due = distinct([1, 1, 2000], 0, "float32").value
    got = due.copy()
    got[0, 0, 7] = -1
    assert draw_array(to_json(got, due), line(make()), to_json(due, got)).differing == (("[0, 0, 7]", "-1.0", str(due[0, 0, 7])),)


def line(case, **more):
    return {"layout": case.layout, "batched": case.batched, "rank": case.rank, **more}


def test_channels_come_before_space_however_an_array_is_laid_out(make):
    value = np.arange(8, dtype="float32").reshape(1, 2, 2, 2)
    case = replace(make(), layout=LAST, input=Tensor(value, ""), pool=Pool(op="max_pool"))
    picture = draw_array(to_json(value), line(case))
    assert [plane.at for plane in picture.planes] == ["channel 0", "channel 1"]
    assert [[cell.text for cell in row] for row in picture.planes[1].lines] == [["1", "3"], ["5", "7"]]


def test_special_numbers_are_drawn_in_the_fewest_digits_of_their_type(make):
    value = np.array([[[np.nan, -np.inf, -0.0, 1 / 3, 2]]], "float32")
    [plane] = draw_array(to_json(value), line(make())).planes
    assert [cell.text for cell in plane.lines[0]] == ["nan", "-inf", "-0", "0.33333334", "2"]


def test_a_long_message_is_folded_and_its_colours_are_left_out(keep, make):
    crash = Answer("crashes", detail="\x1b[1mit died\x1b[0m\nstack\n" + "frame\n" * 9)
    [[text]] = unpack(render_page(keep((make(), {"torch": crash}))), 'class="dozen"')
    assert "it died</span><details><summary>more</summary>stack" in text
    assert "\x1b" not in text


def test_a_message_is_cut_where_it_never_ends(keep, make):
    texts = whole(keep((make(), {"torch": Answer("rejects", detail="x" * 5000)}))).read_texts()
    assert "(4,000 more characters)" in texts
    assert "x" * 1001 not in texts


def test_what_measures_is_neither_right_nor_wrong_and_a_probes_answer_has_its_name(keep, make, answers):
    answers_by_name = {"high": Due(output=answers["agrees"].output), "low": Due(output=answers["differs"].output)}
    probe = make("probe", due=Due(), asks="same_split", answers=answers_by_name)
    observed_case = make("observed", due=Due())
    answers_by_target = {"torch": answers["agrees"], "jax": answers["differs"]}
    rows = keep(
        (probe, answers_by_target),
        (observed_case, answers_by_target),
        (make("judged"), {"torch": answers["agrees"], "jax": answers["rejects"]}),
    )
    words = {entry.name: {target: group.word for group in entry.call_groups for target in group.who["call"]} for entry in all_cells(rows)}
    assert words == {
        "probe": {"torch": "high", "jax": "low"},
        "observed": {"torch": "measured", "jax": "measured"},
        "judged": {"torch": "agrees", "jax": "rejects"},
    }
    counts = tables.counts(tables.outcomes(tables.tally_rows(rows)), "call")
    assert counts.loc["torch", ["agrees", "attempted", "percent", "measured"]].to_list() == [1, 1, "100 %", 2]
    assert counts.loc["jax", ["rejects", "attempted", "percent", "measured"]].to_list() == [1, 1, "0.0 %", 2]


def test_an_answer_to_a_probe_that_has_no_name_differs(keep, make, answers):
    answers_by_name = {"high": Due(output=answers["agrees"].output), "low": Due(output=answers["differs"].output)}
    case = make(due=Due(), asks="same_split", answers=answers_by_name)
    [entry] = all_cells(keep((case, {"torch": Answer("accepts", -answers["agrees"].output)})))
    assert [group.word for group in entry.call_groups] == ["differs"]


def test_the_table_has_a_line_for_each_case_answer_and_finding(full):
    table = build_table(full)
    assert len(table["cases"]["name"]) == len(table["cases"]["count"]) == len(full.cases)
    assert len(table["answers"]["target"]["codes"]) == sum(table["cases"]["count"])
    assert len(table["findings"]["attribute"]["codes"]) == sum(table["answers"]["count"]) == len(full.rows)


def test_the_table_knows_which_answers_are_the_same(keep, make, answers):
    answers_by_target = {"torch": answers["agrees"], "jax": answers["differs"], "flax": answers["differs"], "onnx": answers["unsupported"]}
    assert build_table(keep((make(), answers_by_target)))["answers"]["group"] == [1, 2, 2, 0]


def test_what_an_upgrade_changed_is_reported_where_there_are_two_versions(keep, make, answers):
    rows = keep((make(), {"torch@1.0": answers["agrees"], "torch@2.0": answers["differs"]}))
    for row in rows.rows:
        row["versions"] = {"torch": row["target"].partition("@")[2]}
    texts = Reader(render_page(rows)).read_texts()
    assert "torch 1.0 → torch 2.0" in texts
    assert "1 answer compared" in texts
    assert "What changed from one version" not in Reader(render_page(keep((make(), {"torch": answers["agrees"]})))).read_texts()


def test_bfloat16_is_drawn_in_its_own_digits_whatever_was_imported_before():
    pytest.importorskip("ml_dtypes")
    array = {"dtype": "bfloat16", "shape": [1], "data": [33554432.0]}
    code = f"from poolparity.reports.page.arrays import read_array\nprint(read_array({array!r})[0])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "3.35544e+07"


def test_the_glossary_explains_every_term_of_the_project(full):
    text = render_page(full)
    section = text[text.index('id="glossary"') :]
    for term in (
        "case", "probe", "claim", "target", "way", "verdict", "attribute", "axis", "rule", "pin", "cause", "fingerprint", "ledger", "recipe",
    ):  # fmt: skip
        assert f"<dt>{term}</dt>" in section
    assert "inferred shape (the output shape that a framework predicts" in section
