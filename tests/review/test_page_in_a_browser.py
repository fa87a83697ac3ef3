"""The page as a reviewer uses it: in a real Chromium, with clicks and keys, online to nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from review.hostile import PATH, plant_hostile
from tool import unmix

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
if CHROMIUM is None:
    pytest.skip("no Chromium on this machine", allow_module_level=True)
sync = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (extra: browser)")

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-dev-shm-usage"
).split()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with sync.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def review(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = plant_hostile(tmp_path_factory.mktemp("hostile"), callers=4)
    page = root.parent / "review.html"
    assert unmix(root, "diff", "--format", "html", "-o", str(page)).code == 0
    assert unmix(root, "inspect", "app.mixed", "--format", "html", "-o", str(root.parent / "inspect.html")).code == 0
    return page


@pytest.fixture
def page(chromium: Any, review: Path) -> Iterator[Any]:
    """The page in a browser that remembers nothing; nothing may be complained about, and nothing asked for."""
    context = chromium.new_context(viewport={"width": 1200, "height": 900})
    page = context.new_page()
    complaints: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(review.as_uri())
    yield page
    assert complaints == []
    assert {request.partition("#")[0] for request in requests} == {review.as_uri()}
    context.close()


def shown(page: Any) -> list[str]:
    found: list[str] = page.eval_on_selector_all("article.file:not([hidden])", "all => all.map(e => e.dataset.path)")
    return found


def here(page: Any) -> str:
    found: str = page.evaluate("document.activeElement.dataset.path || ''")
    return found


def test_hostile_names_stay_text(page: Any) -> None:
    assert page.title() == "Review: app.mixed"
    assert page.locator("img").count() == 0
    assert PATH in shown(page)


def test_filters_by_kind_role_finding_and_path(page: Any) -> None:
    everything = shown(page)
    page.select_option("#kind", "call")
    assert shown(page) == [f"app/caller_{n}.py" for n in range(4)]
    page.select_option("#kind", "")
    page.select_option("#role", "part")
    assert shown(page) == ["app/leaving.py", "app/staying.py"]
    page.select_option("#role", "")
    page.fill("#path", "CALLER_2")
    assert shown(page) == ["app/caller_2.py"]
    assert page.text_content("#count") == f"1 of {len(everything)} files"
    page.fill("#path", "")
    page.select_option("#code", "any")
    assert all("caller" not in path for path in shown(page))
    page.select_option("#code", "")
    assert shown(page) == everything


def test_ticks_survive_a_reload_and_hide_what_was_seen(page: Any) -> None:
    page.get_by_label("Viewed: app/caller_1.py").check()
    page.get_by_label("Viewed: app/leaving.py").check()
    page.reload()
    assert page.get_by_label("Viewed: app/caller_1.py").is_checked()
    assert page.text_content("#seen").startswith("2 of ")
    assert page.locator("article.file", has_text="caller_1").locator(".body").is_hidden()
    page.check("#unseen")
    assert "app/caller_1.py" not in shown(page)
    page.uncheck("#unseen")
    page.get_by_label("Viewed: app/caller_1.py").uncheck()
    page.reload()
    assert page.text_content("#seen").startswith("1 of ")


def test_keys_move_tick_and_fold(page: Any) -> None:
    order = shown(page)
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert here(page) == order[1]
    page.keyboard.press("k")
    assert here(page) == order[0]
    page.keyboard.press("v")
    assert here(page) == order[1]
    assert page.get_by_label(f"Viewed: {order[0]}").is_checked()
    page.keyboard.press("o")
    assert page.locator("#b2").is_hidden()
    page.keyboard.press("/")
    page.keyboard.type("jkv")
    assert page.input_value("#path") == "jkv", "keys are letters in a field"
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()


def test_a_link_opens_what_is_folded_or_filtered_away(page: Any) -> None:
    page.fill("#path", "caller_1")
    page.locator(".picture a.node").first.click()
    assert page.input_value("#path") == ""
    assert page.evaluate("document.querySelector(':target').id").startswith("line-")


def test_pointing_at_a_definition_shows_its_needs(page: Any) -> None:
    page.locator(".picture a.node", has_text="LIMIT").focus()
    assert page.locator(".picture.chosen .edge.on").count() == 1


def test_nothing_is_wider_than_a_phone(page: Any) -> None:
    page.set_viewport_size({"width": 375, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_print_shows_every_file_in_full(page: Any) -> None:
    page.get_by_label("Viewed: app/leaving.py").check()
    page.emulate_media(media="print")
    assert page.locator("#b1").is_visible()
    assert page.locator("#filters").is_hidden()


@pytest.mark.parametrize("name", ["review.html", "inspect.html"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(chromium: Any, review: Path, scheme: str, name: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed (extra: browser)")
    # The policy of the page keeps axe out, as it would any other script.
    context = chromium.new_context(color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(review.with_name(name).as_uri())
    result = axe.Axe().run(page)
    assert result.violations_count == 0, result.generate_report()
    context.close()


def test_the_page_can_be_read_without_scripts(chromium: Any, review: Path) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(review.as_uri())
    assert page.locator("article.file").first.is_visible()
    assert page.locator("#filters").is_hidden()
    context.close()


def test_a_page_of_2000_files_filters_and_moves(chromium: Any, tmp_path: Path) -> None:
    from review.test_review import review_of
    from unmix.review.html import render_html

    (tmp_path / "large.html").write_text(render_html(review_of(2000, 12, 5)), "utf-8")
    context = chromium.new_context()
    page = context.new_page()
    page.goto((tmp_path / "large.html").as_uri())
    page.fill("#path", "file_1999")
    assert shown(page) == ["a/file_1999.py"]
    page.fill("#path", "")
    page.keyboard.press("Escape")
    for _ in range(3):
        page.keyboard.press("j")
    assert page.evaluate("document.querySelector('.file.here').id") == "f3"
    context.close()
