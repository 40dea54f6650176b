"""Price lists: the shipped one, regions that it lacks, a newer one fetched from AWS's price list."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from smstudio_ext.notebooks.instance_types import studio_types
from smstudio_ext.studio.prices import FETCHED, fetch_prices, list_prices, price_table, update_prices
from smstudio_ext.studio.problems import NotOffered
from smstudio_ext.target import LocalEngine, Target

LOCAL = Target.local(LocalEngine("http://127.0.0.1:9", "a", "b"))


def product(component: str, name: str, price: str, unit: str = "Hrs") -> str:
    """One entry of AWS's price list."""
    return json.dumps(
        {
            "product": {"attributes": {"component": component, "instanceName": name}},
            "terms": {
                "OnDemand": {"x": {"priceDimensions": {"y": {"unit": unit, "pricePerUnit": {"USD": price}}}}}
            },
        }
    )


def answer(pages: list[list[str]]) -> tuple[Any, Stubber]:
    """A client of the price list that gives these pages."""
    client = boto3.client(
        "pricing", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    stub = Stubber(client)
    for number, page in enumerate(pages):
        more = {"NextToken": str(number)} if number + 1 < len(pages) else {}
        stub.add_response("get_products", {"PriceList": page, **more})
    stub.activate()
    return client, stub


def test_the_documented_types_have_their_prices() -> None:
    table = price_table("us-east-1")
    assert table.price("Studio", "ml.t3.medium") == 0.05
    assert table.price("Studio", "ml.m5.large") == 0.115
    assert table.price("Endpoint", "ml.t2.medium") == 0.056
    assert table.price("NotebookInstance", "ml.t2.medium") == 0.0464
    assert table.price("Studio", "ml.unknown.large") is None
    assert table.source.exact
    assert table.source.date


def test_every_type_that_studio_offers_has_a_price() -> None:
    table = price_table("us-west-2")
    assert [each.name for each in studio_types() if table.price("Studio", each.name) is None] == []


def test_a_region_without_a_list_says_whose_prices_it_shows() -> None:
    source = price_table("ap-northeast-1").source
    assert (source.region, source.exact) == ("us-east-1", False)


def test_prices_are_fetched_and_kept(tmp_path: Path) -> None:
    client, stub = answer(
        [
            [
                product("Studio-Notebook", "ml.t3.medium", "0.0653000000"),
                product("Hosting", "ml.t3.medium", "0.0710000000"),
                product("Some new thing", "ml.t3.medium", "9"),
            ],
            [product("Studio-Notebook", "ml.m5.large", "0"), product("Training", "ml.m5.large", "1", "GB")],
        ]
    )
    fetch_prices(client, "ap-northeast-1", tmp_path, "2026-11-21")
    stub.assert_no_pending_responses()
    table = price_table("ap-northeast-1", tmp_path)
    assert (table.source.region, table.source.exact, table.source.date) == (
        "ap-northeast-1",
        True,
        "2026-11-21",
    )
    assert table.price("Studio", "ml.t3.medium") == pytest.approx(0.0653)
    assert table.price("Endpoint", "ml.t3.medium") == pytest.approx(0.071)
    assert table.price("Studio", "ml.m5.large") is None  # free of charge is no price of an instance
    assert table.price("Training", "ml.m5.large") is None
    assert price_table("us-east-1", tmp_path).price("Studio", "ml.t3.medium") == 0.05
    shown = list_prices(LOCAL, "ap-northeast-1", tmp_path)
    assert [(row.instance_type, row.prices) for row in shown.rows] == [
        ("ml.t3.medium", {"Studio": 0.0653, "Endpoint": 0.071})
    ]


def test_an_unknown_region_changes_nothing(tmp_path: Path) -> None:
    client, _ = answer([[]])
    with pytest.raises(LookupError, match="xx-nowhere-1"):
        fetch_prices(client, "xx-nowhere-1", tmp_path, "2026-11-21")
    assert not (tmp_path / FETCHED).exists()


@pytest.mark.parametrize("text", ["", "{", "[]"], ids=["empty", "half", "list"])
def test_a_broken_file_leaves_the_shipped_list(tmp_path: Path, text: str) -> None:
    (tmp_path / FETCHED).write_text(text)
    assert price_table("us-east-1", tmp_path).price("Studio", "ml.t3.medium") == 0.05


def test_the_local_target_has_no_price_list(tmp_path: Path) -> None:
    with pytest.raises(NotOffered, match="AWS profile"):
        update_prices(LOCAL, None, tmp_path, "2026-11-21")
