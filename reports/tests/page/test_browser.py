"""The page in a browser: opened from disk, filtered, followed by its links, read by machines that test for accessibility."""

import re
import shutil
from urllib.parse import parse_qsl, urlencode

import numpy as np
import pytest

from poolparity.cases.judge.answer import Answer
from poolparity.cases.model.case import Citation, Due
from poolparity.cases.model.inputs import literal
from poolparity.cases.model.pool import Pool
from poolparity.reports.page.page import write_page
from poolparity.reports.page.pairs import Pairs

playwright = pytest.importorskip("playwright.sync_api", reason="the browser tests need Playwright: pip install 'poolparity[dev]'")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="the browser tests need axe: pip install 'poolparity[dev]'")

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
WAIT = 120_000
expect = playwright.expect
expect.set_options(timeout=WAIT)
SCRIPT = "<script>document.title = 'taken over'</script><img src=x onerror=\"document.title = 'taken over'\">"


@pytest.fixture(scope="module")
def browser():
    """A Chromium: the one that Playwright brought, or one that is installed."""
    with playwright.sync_playwright() as driver:
        try:
            chromium = driver.chromium.launch(args=["--no-sandbox", "--disable-gpu"], timeout=WAIT, executable_path=find_chromium())
        except playwright.Error as error:
            if "Executable doesn't exist" not in str(error):
                raise
            pytest.skip("no Chromium here: install one with `playwright install chromium`, or as the package chromium of the system")
        yield chromium
        chromium.close()


def find_chromium():
    """The path of a Chromium on the system, none where there is not any."""
    return next((path for path in map(shutil.which, BROWSERS) if path), None)


class BrowserPage:
    """A page that is open, with everything it complained of and asked for."""

    def __init__(self, context, path, place=""):
        self.page = context.new_page()
        self.page.set_default_timeout(WAIT)
        self.messages, self.requests = [], []
        self.page.on("console", lambda message: self.messages.append(message.text))
        self.page.on("pageerror", lambda error: self.messages.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.path = path
        self.page.goto(self.address(place))
        self.page.locator("html[data-ready]").wait_for()

    def address(self, place=""):
        return f"file://{self.path}{place}"

    @property
    def links(self):
        """The cases that the table shows, by name."""
        return self.page.locator(".tabulator-row .tabulator-cell a")

    def lines(self):
        """The names of the cases that the table shows."""
        return self.links.all_inner_texts()

    def choose(self, **fields):
        for name, value in fields.items():
            field = self.page.locator(f"#filters [name={name}]")
            field.fill(value) if name == "q" else field.select_option(value)


@pytest.fixture
def report(keep, make, make_claim, answers, tmp_path):
    """A page of a few cases: two operations, a document, a script in every message."""
    plane = literal([[[[0, 1, 2], [3, 4, 5], [6, 7, 8]]]], "float32")
    pool = Pool(op="avg_pool", kernel=(3, 3), stride=(2, 2), padding=((1, 1), (1, 1)))
    answers_by_name = {name: Answer("accepts", np.array([[cells]], "float32")) for name, cells in {
        "torch": [[0.8888889, 1.3333334], [2.2222223, 2.6666667]], "keras-jax": [[2, 3], [5, 6]],
    }.items()}  # fmt: skip
    border = make("border", file="specs/avg_pool/border.yaml", about="What the corner divides by.", source=Citation("book.txt", "page 2"),
                  due=Due(output=answers_by_name["torch"].output))  # fmt: skip
    border = type(border)(**{**{name: getattr(border, name) for name in border.__dataclass_fields__}, "pool": pool, "input": plane})
    both = {"torch": answers["agrees"], "keras-jax": answers["agrees"]}
    rejecting_answers = {"torch": answers["agrees"], "keras-jax": Answer("rejects", detail=f"ValueError: {SCRIPT}")}
    rows = keep(
        (border, answers_by_name),
        (make("plain"), both),
        (make("hostile", about=SCRIPT), rejecting_answers),
        (make_claim("upheld"), both),
        code="print('x < y')",
    )
    write_page(rows, tmp_path / "report.html")
    return tmp_path / "report.html"


@pytest.fixture
def open_page(browser, report):
    """Opens the page, once or again, in a context of its own."""
    contexts = []

    def open_page(place="", **options):
        contexts.append(browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options}))
        return BrowserPage(contexts[-1], report, place)

    yield open_page
    for context in contexts:
        context.close()


def test_it_opens_from_disk_and_asks_for_nothing_else(open_page):
    page = open_page()
    assert page.lines() == ["border", "plain", "hostile", "claimed"]
    page.page.locator(".tabulator-row a").first.click()
    page.page.locator("#case-name").wait_for()
    assert {address.partition("#")[0] for address in page.requests} == {page.address()}
    assert page.messages == []


def test_what_others_wrote_is_text(open_page):
    page = open_page()
    page.page.locator("#table").get_by_role("link", name="hostile").click()
    case = page.page.locator("dialog article")
    case.wait_for()
    assert f"ValueError: {SCRIPT}" in case.inner_text()
    assert page.page.locator("img").count() == 0
    assert "taken over" not in page.page.title()
    assert page.messages == []


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"op": "avg_pool"}, ["border"]),
        ({"rank": "1"}, ["plain", "hostile", "claimed"]),
        ({"verdict": "rejects"}, ["hostile"]),
        ({"verdict": "rejects", "target": "torch"}, []),
        ({"target": "keras-jax", "attribute": "values", "verdict": "differs"}, ["border"]),
        ({"x": "torch", "y": "keras-jax"}, ["border", "hostile"]),
        ({"q": "corner divides"}, ["border"]),
        ({"tier": "core", "q": "claimed"}, ["claimed"]),
    ],
)
def test_filters_stand_in_the_address_and_a_link_shows_the_same(open_page, filters, names):
    page = open_page()
    page.choose(**filters)
    expect(page.links).to_have_text(names)
    assert dict(parse_qsl(page.page.url.partition("#")[2])) == filters
    assert page.page.locator("#count").inner_text() == f"{len(names)} of 4 cases"
    again = open_page(f"#{urlencode(filters)}")
    assert again.lines() == names
    assert {name: again.page.locator(f"#filters [name={name}]").input_value() for name in filters} == filters
    again.page.locator("#filters button[type=reset]").click()
    expect(again.links).to_have_count(4)


def test_a_cell_and_a_number_lead_to_the_cases(open_page):
    page = open_page()
    page.page.locator(".causes td:last-child a").first.click()
    expect(page.links).not_to_have_count(4)
    assert 0 < len(page.lines()) < 4


def test_only_one_that_differs(browser, keep, make, answers, tmp_path):
    lone = {"a": answers["agrees"], "b": answers["agrees"], "c": answers["differs"]}
    two = {"a": answers["agrees"], "b": answers["differs"], "c": answers["differs"]}
    write_page(keep((make("lone"), lone), (make("two"), two)), tmp_path / "report.html")
    context = browser.new_context()
    assert BrowserPage(context, tmp_path / "report.html", "#only=c").lines() == ["lone"]
    assert BrowserPage(context, tmp_path / "report.html", "#only=a").lines() == ["two"]
    context.close()


def test_a_case_opens_by_its_address_and_closes_by_the_keyboard(open_page):
    page = open_page("#case=specs/avg_pool/border.yaml::border")
    case = page.page.locator("dialog[open] article")
    case.wait_for()
    assert "What the corner divides by." in case.inner_text()
    assert "(0 + 1 + 3 + 4) / 9 = 0.8888889" in case.inner_text()
    assert case.locator("mark").first.inner_text() == "2"
    assert page.page.evaluate("document.activeElement.id") == "case-name"
    page.page.keyboard.press("Escape")
    page.page.locator("dialog:not([open])").wait_for(state="attached")
    expect(page.page).not_to_have_url(re.compile("case="))


def test_a_case_that_is_not_there_is_said_to_be_missing(open_page):
    page = open_page("#case=specs/nowhere.yaml::nothing")
    assert "This page has no case specs/nowhere.yaml::nothing" in page.page.locator("dialog[open]").inner_text()
    assert page.messages == []


def test_the_next_case_is_the_next_of_those_that_are_shown(open_page):
    page = open_page("#verdict=agrees&case=specs/avg_pool/border.yaml::border")
    page.page.get_by_role("button", name="Next").click()
    page.page.locator("dialog h2", has_text="plain").wait_for()
    assert "verdict=agrees" in page.page.url


def test_code_is_copied(open_page):
    page = open_page("#case=specs/max_pool/pairs.yaml::plain", permissions=["clipboard-read", "clipboard-write"])
    button = page.page.locator("dialog figure button.copy").first
    button.click()
    page.page.get_by_role("button", name="Copied").wait_for()
    assert page.page.evaluate("navigator.clipboard.readText()") == "print('x < y')"


def test_a_browser_that_cannot_unpack_says_so(browser, report):
    context = browser.new_context()
    context.add_init_script("delete globalThis.DecompressionStream")
    page = context.new_page()
    page.goto(f"file://{report}")
    assert page.get_by_text("it lacks DecompressionStream").is_visible()
    assert not page.locator("#filters").is_visible()
    context.close()


def test_rows_stay_under_the_pointer_when_the_table_comes_into_view(open_page):
    page = open_page(viewport={"width": 390, "height": 300}).page
    page.evaluate("new MutationObserver(() => { window.moved = true; }).observe(find('#table'), { childList: true, subtree: true })")
    page.locator(".tabulator-row").first.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    assert not page.evaluate("window.moved")


def test_the_table_fills_a_window_that_grows(browser, keep, make, answers, tmp_path):
    write_page(keep(*((make(f"n{at}"), {"torch": answers["agrees"]}) for at in range(60))), tmp_path / "report.html")
    context = browser.new_context(viewport={"width": 1280, "height": 300})
    page = BrowserPage(context, tmp_path / "report.html")
    few = len(page.lines())
    page.page.set_viewport_size({"width": 1280, "height": 1200})
    page.page.locator(".tabulator-row").nth(few).wait_for(state="attached")
    assert len(page.lines()) < 60
    context.close()


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_sticks_out_at_any_width(open_page, width):
    page = open_page(viewport={"width": width, "height": 800})
    assert page.page.evaluate("document.documentElement.scrollWidth") <= width
    page.page.locator(".tabulator-row a").first.click()
    page.page.locator("dialog article").wait_for()
    assert page.page.evaluate("document.querySelector('dialog').scrollWidth") <= width


def test_it_is_dark_where_that_is_asked_for(open_page):
    grounds = {
        scheme: open_page(color_scheme=scheme).page.evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    }
    brightness = {scheme: sum(map(int, re.findall(r"\d+", ground)[:3])) for scheme, ground in grounds.items()}
    assert brightness["dark"] < 150
    assert brightness["light"] > 600


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("place", ["", "#case=specs/avg_pool/border.yaml::border"])
def test_axe_finds_nothing_serious(open_page, scheme, place):
    page = open_page(place, color_scheme=scheme)
    violations = axe.Axe().run(page.page).response["violations"]
    problems = [(violation["id"], violation["impact"], [node["target"] for node in violation["nodes"]][:3]) for violation in violations]
    assert [problem for problem in problems if problem[1] in ("serious", "critical")] == []


def test_it_prints_without_what_only_a_screen_can_do(open_page):
    page = open_page()
    page.page.emulate_media(media="print")
    assert not page.page.locator("#filters").is_visible()
    assert page.page.locator(".causes").is_visible()


PAIRS = {
    "format": 1, "suite": "0.1.0",
    "targets": {name: {"target": name, "versions": {name: "1.0"}} for name in ("torch", "keras")},
    "layers": [{"name": "stem", "of": f"a model {SCRIPT}", "op": "max_pool", "pool": {"kernel": [3, 3]}, "input": [1, 3, 8, 8]}],
    "pairs": [{"from": "torch", "to": "keras", "drop_in": 0, "recipe": 1, "impossible": 0, "exact": 0}],
    "ports": [{"layer": "stem", "from": "torch", "to": "keras", "verdict": "recipe", "code": "pad_and_pool()", "reason": "", "exceptions": {},
               "drop_in": {"line": "pool()", "agrees": False, "differs": "a cell", "left_out": []}}],
}  # fmt: skip


def test_a_pair_of_frameworks_opens_its_recipes(browser, keep, make, answers, tmp_path):
    write_page(keep((make(), {"torch": answers["agrees"]})), tmp_path / "report.html", pairs=Pairs(PAIRS))
    context = browser.new_context()
    page = BrowserPage(context, tmp_path / "report.html")
    page.page.locator(".pairs td a").click()
    page.page.locator("dialog h2", has_text="From torch to keras").wait_for()
    assert f"a model {SCRIPT}" in page.page.locator("dialog").inner_text()
    page.page.locator("dialog summary").click()
    assert page.page.get_by_text("pad_and_pool()").is_visible()
    assert page.messages == []
    context.close()


@pytest.fixture
def many_targets(browser, keep, make, answers, tmp_path):
    """Opens a page of more targets than it shows at once: twelve modes of one framework, and two targets of their own."""
    names = [f"torch+mode{number:02}" for number in range(12)]
    alike = dict.fromkeys([*names, "jax", "mine"], answers["agrees"])
    mixed_answers = {**alike, names[3]: answers["differs"], names[5]: answers["rejects"]}
    write_page(keep((make("alike"), alike), (make("mixed"), mixed_answers)), tmp_path / "report.html")
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield lambda place="": BrowserPage(context, tmp_path / "report.html", place)
    context.close()


def read_headings(page):
    """The headings of the table's columns that are visible."""
    return [title.inner_text() for title in page.page.locator(".target-column .tabulator-col-title").all() if title.is_visible()]


def test_a_family_of_many_targets_is_one_column_until_it_is_opened(many_targets):
    page = many_targets()
    assert read_headings(page) == ["jax", "mine", "torch 12"]
    assert page.page.locator(".tabulator-row .family-column .hidden").all_inner_texts() == ["agrees", "rejects 1, differs 1, agrees 10"]
    page.page.locator(".folds button[data-family=torch]").click()
    assert read_headings(page) == ["jax", "mine", *(f"torch+mode{number:02}" for number in range(12))]
    assert page.page.url.endswith("#open=torch")
    page.page.locator(".folds button[data-family=torch]").click()
    assert read_headings(page) == ["jax", "mine", "torch 12"]
    assert page.messages == []


def test_open_families_are_part_of_the_address_beside_filters(many_targets):
    page = many_targets("#open=torch&target=torch%2Bmode03&verdict=differs")
    assert len(read_headings(page)) == 14
    assert page.lines() == ["mixed"]
    page.choose(verdict="rejects")
    assert dict(parse_qsl(page.page.url.partition("#")[2])) == {"open": "torch", "target": "torch+mode03", "verdict": "rejects"}
    assert len(read_headings(many_targets("#open=nothing"))) == 3
