"""Drives a headless Chromium as a person does: it opens addresses, clicks, presses keys and looks.

It speaks the DevTools protocol through a pipe, so it needs no driver and no port.
https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.waiting import HANG_SECONDS

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no other network
    "--remote-debugging-pipe",
)
# Also of images that nobody has scrolled to.
_IMAGES = """(async () => {
  for (const image of document.images) image.loading = "eager";
  await Promise.allSettled([...document.images].map(image => image.decode()));
  return [...document.images].map(image => ({
    source: image.currentSrc, is_drawn: image.complete && image.naturalWidth > 0}));
})()"""
_KEY_CODES = {
    "Tab": 9,
    "Enter": 13,
    "ArrowLeft": 37,
    "ArrowUp": 38,
    "ArrowRight": 39,
    "ArrowDown": 40,
}


class PageLeft(Exception):
    """The browser went to another page while a script ran."""


class Browser:
    """One tab.

    Attributes:
        problems: Errors of scripts, lines of the console, and requests that failed, so far.
        requests: Addresses that were requested, so far, without those that are the content themselves (`data:`).
    """

    def __init__(self, process: subprocess.Popen[bytes], sending: int, receiving: int) -> None:
        self._process = process
        self._sending, self._receiving = sending, receiving
        self._buffer = b""
        self._number = 0
        self._session: str | None = None
        self.problems: list[str] = []
        self.requests: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Calls a method of the protocol and returns its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._sending, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == self._number:
                if "navigated" in answer.get("error", {}).get("message", ""):
                    raise PageLeft(method)
                assert "error" not in answer, (method, answer["error"])
                result: dict[str, Any] = answer["result"]
                return result
            self._note(answer)

    def open(self, address: str) -> None:
        """Opens an address and waits until its scripts have started."""
        self.call("Page.navigate", url=address)
        self.wait_for("document.readyState === 'complete' && location.href !== 'about:blank'")

    def evaluate(self, script: str) -> Any:
        """The value of a JavaScript expression."""
        answer = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def images(self) -> list[dict[str, Any]]:
        """The images of the page: the `source` that the browser chose, and whether it `is_drawn`."""
        found: list[dict[str, Any]] = self.evaluate(_IMAGES)
        return found

    def content_width(self) -> int:
        """In pixels. If it is more than the width of the window, the page scrolls sideways."""
        return int(self.evaluate("document.documentElement.scrollWidth"))

    def forbid_scripts(self) -> None:
        """Pages that are opened from now on run no scripts of their own."""
        self.call("Emulation.setScriptExecutionDisabled", value=True)

    def wait_for(self, script: str) -> None:
        """Waits until a JavaScript expression is true. Fails if that takes too long."""
        deadline = time.monotonic() + HANG_SECONDS / 4
        while not self._is_true(script):
            assert time.monotonic() < deadline, (script, self.problems)
            time.sleep(0.05)

    def _is_true(self, script: str) -> bool:
        try:
            return bool(self.evaluate(f"Boolean({script})"))  # an element is no value
        except PageLeft:
            return False

    def click(self, selector: str) -> None:
        """Clicks in the middle of an element with the mouse. Fails if another element covers it."""
        place = self.evaluate(
            f"""(() => {{ const found = document.querySelector({json.dumps(selector)});
            found.scrollIntoView({{block: "center", behavior: "instant"}});
            const box = found.getBoundingClientRect();
            const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
            return {{x, y, free: found.contains(document.elementFromPoint(x, y))}}; }})()"""
        )
        assert place["free"], f"{selector} is covered"
        point = {"x": place["x"], "y": place["y"], "button": "left", "clickCount": 1}
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, **point)

    def press(self, key: str) -> None:
        """Presses a key, such as `Tab`, `ArrowRight` or `p`."""
        code = _KEY_CODES.get(key, ord(key[0].upper()))
        text = {"text": key} if len(key) == 1 else {"text": "\r"} if key == "Enter" else {}
        common = {"key": key, "windowsVirtualKeyCode": code}
        self.call("Input.dispatchKeyEvent", type="keyDown", **common, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def look(self, width: int, height: int, dark: bool = False, motion: bool = True) -> None:
        """Sets the size of the window in pixels, and what the system of the person prefers."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 500,
        )
        features = [
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
            {"name": "prefers-reduced-motion", "value": "no-preference" if motion else "reduce"},
        ]
        self.call("Emulation.setEmulatedMedia", features=features)

    def screenshot(self, path: Path, whole_page: bool = False) -> None:
        """Writes a PNG."""
        answer = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole_page)
        path.write_bytes(base64.b64decode(answer["data"]))

    def _receive(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            part = os.read(self._receiving, 1 << 16)
            assert part, f"the browser has ended with {self._process.poll()}"
            self._buffer += part
        message, _, self._buffer = self._buffer.partition(b"\0")
        answer: dict[str, Any] = json.loads(message)
        return answer

    def _note(self, event: dict[str, Any]) -> None:
        method, parameters = event.get("method"), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.problems.append(str(parameters["exceptionDetails"]))
        elif method == "Log.entryAdded" and parameters["entry"]["level"] == "error":
            self.problems.append(parameters["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            address = parameters["request"]["url"]
            self.requests += [] if address.startswith("data:") else [address]


@contextmanager
def open_browser(folder: Path) -> Iterator[Browser]:
    """Starts a browser with an empty profile in `folder`. Skips the test if Chromium is not installed."""
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        pytest.skip("no Chromium is installed")
    from_us, sending = os.pipe()
    receiving, to_us = os.pipe()
    # dash knows descriptors of one digit only.
    command = ["bash", "-c", f'exec "$0" "$@" 3<&{from_us} 4>&{to_us}', program]
    process = subprocess.Popen(
        [*command, *_FLAGS, f"--user-data-dir={folder / 'profile'}"],
        pass_fds=(from_us, to_us),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(from_us)
    os.close(to_us)
    try:
        yield Browser(process, sending, receiving)
    finally:
        os.close(sending)
        process.kill()
        process.wait()
        os.close(receiving)
