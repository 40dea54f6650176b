"""Curves of a forecasting candidate's back-test."""

from __future__ import annotations

from smstudio_ext.studio.automl_backtest import MAX_SERIES, backtest_curves

HEADER = "item,store,day,target_value,p10,p50,mean"


def test_each_series_has_its_actual_values_and_quantiles_in_the_order_of_time() -> None:
    text = "\n".join(
        [
            HEADER,
            "lamp,north,2024-01-02 00:00:00,5.0,3.0,4.0,4.1",
            "lamp,north,2024-01-01 00:00:00,2.0,1.0,1.5,1.6",
            "desk,north,2024-01-01 00:00:00,9.0,7.0,8.0,8.1",
            "",
        ]
    )
    curves = backtest_curves(text)
    assert [(one.id, one.label) for one in curves] == [
        (f"backtest:{item} · north", label) for item in ("lamp", "desk") for label in ("actual", "p10", "p50")
    ]
    assert (curves[0].x, curves[0].y) == ([1.0, 2.0], [2.0, 5.0])
    assert curves[2].y == [1.5, 4.0]


def test_only_the_first_series_are_told() -> None:
    rows = [f"item{number},all,2024-01-01 00:00:00,1,1,1,1" for number in range(MAX_SERIES + 3)]
    curves = backtest_curves("\n".join([HEADER, *rows]))
    assert {one.id for one in curves} == {f"backtest:item{number} · all" for number in range(MAX_SERIES)}


def test_a_file_of_another_form_has_no_curves() -> None:
    assert backtest_curves("") == []
    assert backtest_curves("target_value,p10\n1,2") == []
    assert backtest_curves("item,day,forecast\na,b,1") == []
    assert backtest_curves(f"{HEADER}\nlamp,north,2024-01-01,much,1,2,3") == []
