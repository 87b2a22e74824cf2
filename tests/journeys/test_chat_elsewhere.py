"""The widget on somebody else's web page: another origin, under a policy of its own."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from tests.journeys.chats import Agent

PAGE = """<!doctype html><html lang="en"><title>A shop</title><style>hd-chat, button {{ color: red }}</style>
<h1>A shop</h1><script src="{desk}/widget.js" data-key="{key}" data-name="Marta" async></script></html>"""
POLICY = "default-src 'none'; script-src {desk}; connect-src {desk} {desk_socket}; style-src 'none'"


@pytest.fixture
def shop(desk):
    """The address of a page on an origin of its own, whose policy lets in our scripts and nothing inline."""
    key = desk.sql("select key from helpdesk_entrypoint where kind = 'chat' order by id")[0][0]
    page = PAGE.format(desk=desk.url, key=key).encode()
    policy = POLICY.format(desk=desk.url, desk_socket=desk.url.replace("http", "ws"))

    class Shop(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(page if self.path == "/" else b"")

        def log_message(self, *args):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(chromium):
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def test_a_chat_works_on_a_page_of_another_origin_under_a_strict_policy(desk, shop, page, sit_down):
    nora = Agent(desk)
    nora.become("available")
    page.goto(shop)
    page.locator("hd-chat .launch").click()
    expect(page.locator("hd-chat .open")).to_contain_text("We are here now")
    page.locator("hd-chat .card").click()
    page.locator("hd-chat textarea").fill("From elsewhere")
    page.locator("hd-chat textarea").press("Enter")
    taken = nora.take("From elsewhere")
    nora.reply(taken["ticket"], "Hello there")
    expect(page.locator("hd-chat .bub .txt")).to_have_text(["From elsewhere", "Hello there"])
    expect(page.locator("hd-chat .panel")).to_have_css("width", "376px")
    nora.finish(taken["interaction"])
    nora.become("offline")


def test_a_page_that_may_not_embed_the_widget_is_told_so(desk, shop, page):
    desk.sql("""update helpdesk_entrypoint set origins = '["https://fjell.example"]' where kind = 'chat'""")
    page.goto(shop)
    page.locator("hd-chat .launch").click()
    expect(page.locator("hd-chat .note").first).to_be_visible()
    desk.sql("update helpdesk_entrypoint set origins = '[]' where kind = 'chat'")
