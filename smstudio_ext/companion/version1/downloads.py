"""Downloads of tutorials whose files are gone or out of reach: a folder of the user's, else data of the same shape."""

from __future__ import annotations

import functools
import io
import os
import re
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

FOLDER = "SMSTUDIO_DOWNLOADS"
"""Variable that names a folder: a file there is taken in place of a download that ends with its name."""

_TUTORIALS = ("d1.awsstatic.com",)
_HASH = re.compile(r"\.[0-9a-f]{32,64}(?=\.)")


def answer_downloads(module: Any) -> None:
    """Lets `urllib.request` answer from the folder, or with made data where a tutorial's own file cannot be had."""
    downloads = _Downloads(module)

    @functools.wraps(module.urlopen)
    def urlopen(*args: Any, **kwargs: Any) -> Any:
        return downloads.urlopen(*args, **kwargs)

    @functools.wraps(module.urlretrieve)
    def urlretrieve(*args: Any, **kwargs: Any) -> Any:
        return downloads.urlretrieve(*args, **kwargs)

    module.urlopen, module.urlretrieve = urlopen, urlretrieve


class _Downloads:
    def __init__(self, module: Any) -> None:
        self._open = module.urlopen
        self._retrieve = module.urlretrieve
        self._errors: Any = module.URLError
        self._state = threading.local()

    def urlopen(self, url: Any, data: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Like the original, for everything but a file of the folder and a tutorial's file that is out of reach."""
        address = url if isinstance(url, str) else getattr(url, "full_url", "")
        plain = data is None and address.startswith(("http://", "https://"))
        kept = _file_of_folder(address) if plain else None
        if kept is not None:
            _say(f"{kept} is taken in place of {address}.")
            return _answer(kept.open("rb"), kept.stat().st_size, address)
        try:
            return self._open(url, data, *args, **kwargs)
        except self._errors as error:
            made = _maker(address) if plain else None
            if made is None or getattr(self._state, "keeping", False):
                raise
            content = made()
            _say(
                f"{address} cannot be had ({error}). Data that smstudio_ext makes itself is used instead: the same columns "
                f"and the same number of rows, but not the same customers. To use the real file, put it into a folder and "
                f"name the folder in {FOLDER}."
            )
            return _answer(io.BytesIO(content), len(content), address)

    def urlretrieve(self, url: Any, filename: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Like the original; a file that is there already is not replaced by made data."""
        there = filename is not None and Path(filename).is_file() and _maker(str(url)) is not None
        if not there:
            return self._retrieve(url, filename, *args, **kwargs)
        self._state.keeping = True
        try:
            return self._retrieve(url, filename, *args, **kwargs)
        except self._errors as error:
            _say(f"{url} cannot be had ({error}). {filename}, which is there already, is left as it is.")
            return filename, _headers()
        finally:
            self._state.keeping = False


def _names(address: str) -> list[str]:
    """The name that an address ends with, and the same without the hash that AWS's tutorials put into it."""
    name = Path(unquote(urlsplit(address).path)).name
    return [name, _HASH.sub("", name)] if name else []


def _file_of_folder(address: str) -> Path | None:
    folder = os.environ.get(FOLDER)
    if not folder:
        return None
    return next((path for name in _names(address) if (path := Path(folder) / name).is_file()), None)


def _maker(address: str) -> Callable[[], bytes] | None:
    """What makes the file of a tutorial's address."""
    if urlsplit(address).hostname not in _TUTORIALS or "bank_clean.csv" not in _names(address):
        return None
    from smstudio_ext.companion.version1.bank_clean import bank_clean_csv

    return bank_clean_csv


def _answer(stream: Any, length: int, address: str) -> Any:
    from urllib.response import addinfourl

    headers = _headers()
    headers["Content-Type"] = "application/octet-stream"
    headers["Content-Length"] = str(length)
    return addinfourl(stream, headers, address, 200)


def _headers() -> Any:
    from email.message import Message  # slow to import, and rarely needed

    return Message()


def _say(text: str) -> None:
    print(f"smstudio: {text}", file=sys.stderr)
