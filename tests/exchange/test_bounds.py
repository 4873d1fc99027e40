"""Limits, archives that would swell, and bytes as text."""

from __future__ import annotations

import io
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.errors import UnreadableSource
from composer.exchange.documents.bounds import MOST_MEMBERS, Archive, few_beats, within_bounds
from composer.exchange.documents.decoding import is_text, text_of
from tests.exchange.archives import zipped


def test_archives_that_would_swell_are_refused_before_they_are_read() -> None:
    for members in ({"a": b"\0" * 12_000_000}, {str(at): b"" for at in range(MOST_MEMBERS + 1)}):
        with pytest.raises(UnreadableSource, match="it would unpack to far more than a text needs"):
            Archive(zipped(members), "a.docx", "Word document")
    assert Archive(zipped({"a": b"\0" * 9_000_000}), "a.docx", "Word document").read("a") == b"\0" * 9_000_000


def test_a_directory_that_lies_about_sizes_is_found_out() -> None:
    data = zipped({"a": b"\0" * 12_000_000})
    lying = data.replace((12_000_000).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    assert lying != data
    with pytest.raises(UnreadableSource, match="damaged or cut off"):
        Archive(lying, "a", "Word document").read("a")


def test_members_are_whole_or_refused() -> None:
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        archive.writestr("a", "salt " * 100)
    data = out.getvalue()
    assert Archive(data, "x", "EPUB book").read("b") is None
    assert Archive(data, "x", "EPUB book").xml("b") is None
    locked = data.replace(b"PK\x03\x04\x14\0\0\0", b"PK\x03\x04\x14\0\1\0").replace(
        b"PK\x01\x02\x14\x03\x14\0\0\0", b"PK\x01\x02\x14\x03\x14\0\1\0"
    )
    assert locked != data
    with pytest.raises(UnreadableSource, match="locked with a password"):
        Archive(locked, "x", "EPUB book").read("a")
    with pytest.raises(UnreadableSource) as error:
        Archive(b"no zip", "a\x1b\nb", "EPUB book")
    assert str(error.value) == "a b is no EPUB book. Save it as an EPUB book there, or say which format it is."


def test_xml_with_entities_is_refused_and_a_document_type_alone_is_not() -> None:
    archive = Archive(zipped({"a": "<a/>"}), "x", "EPUB book")
    assert archive.parsed(b"<!DOCTYPE a PUBLIC 'x' 'http://a.b/c.dtd'><a>b</a>").text == "b"
    for text in ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///x'>]><a/>"):
        with pytest.raises(UnreadableSource, match="references"):
            archive.parsed(text.encode())
    for data in (b"", b"<a>", b"<?xml version='1.0' encoding='none'?><a/>"):
        with pytest.raises(UnreadableSource, match="damaged"):
            archive.parsed(data)


def test_texts_have_a_limit() -> None:
    within_bounds(20_000_000, "a")
    with pytest.raises(UnreadableSource, match=r"a holds 20\.0 MB of text"):
        within_bounds(20_000_001, "a")


def test_outlines_have_a_limit() -> None:
    few_beats(10_000, "a")
    with pytest.raises(UnreadableSource, match="a has 10,001 headings, scenes or lines"):
        few_beats(10_001, "a")


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("Bärbel: „Salz“".encode(), "Bärbel: „Salz“"),
        ("\ufeffBärbel".encode(), "Bärbel"),
        ("Bärbel".encode("cp1252"), "Bärbel"),
        ("Bärbel".encode("utf-16"), "Bärbel"),
        ("Bärbel kam.".encode("utf-16-le"), "Bärbel kam."),
        ("Bärbel kam.".encode("utf-16-be"), "Bärbel kam."),
        ("Соль и море, и еще соль.".encode("utf-16-le"), "Соль и море, и еще соль."),
        ("Salz".encode("utf-32"), "Salz"),
        (b"a\r\nb\rc", "a\nb\nc"),
        (b"", ""),
    ],
)
def test_encodings(raw: bytes, text: str) -> None:
    assert text_of(raw, "a.txt") == text
    assert is_text(raw)


@pytest.mark.parametrize(
    "raw", [b"a\0b", b"a\0b\0\0c", b"\x81\x8d", b"%PDF-1.7", b"\xff\xfe\x00\xd8a\x00", b"\0\0\0\0"]
)
def test_what_is_no_text(raw: bytes) -> None:
    assert not is_text(raw)
    with pytest.raises(UnreadableSource, match="is no text file"):
        text_of(raw, "a.txt")


def test_what_a_text_declares_counts_where_its_bytes_need_it() -> None:
    raw = "Соль".encode("cp1251")
    assert text_of(raw, "a", "windows-1251") == "Соль"
    assert text_of("Соль".encode(), "a", "windows-1251") == "Соль"
    for odd in ("none", "idna", "base64", "zlib", "rot13", "\0"):
        assert text_of("Größe".encode("latin-1"), "a", odd) == "Größe"


@given(st.binary(max_size=40), st.sampled_from(["", "utf-7", "utf-16", "shift_jis", "hex"]))
def test_any_bytes_are_clean_text_or_refused(raw: bytes, declared: str) -> None:
    try:
        text = text_of(raw, "a", declared)
    except UnreadableSource:
        return
    assert not any(ord(sign) < 32 and sign not in "\n\t" for sign in text)
