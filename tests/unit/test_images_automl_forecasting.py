"""The forecasting image: steps of time, series out of rows, forecasters, back-tests, the mixture and answers."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from smstudio_ext.engine.images.automl_forecasting import mixture, panel, scores, serve
from smstudio_ext.engine.images.automl_forecasting.kinds import MODULES, NEED_TORCH, Task, kind_of, tidy
from smstudio_ext.engine.images.automl_forecasting.model import Model
from smstudio_ext.engine.images.automl_forecasting.panel import Panel, RowError, build
from smstudio_ext.engine.images.automl_forecasting.schema import Schema
from smstudio_ext.engine.images.automl_forecasting.steps import Steps, parse_times
from smstudio_ext.engine.images.contract import AlgorithmError, ClientError
from tests.unit.forecast_runs import analysed, as_csv, candidate, config, rows


@pytest.fixture(autouse=True)
def one_core(monkeypatch: pytest.MonkeyPatch) -> None:
    """As candidates have it: two threads of a busy machine wait for each other."""
    monkeypatch.setenv("SM_NUM_CPUS", "1")


def schema(horizon: int = 7, **members: object) -> Schema:
    steps = Steps.of("1D", np.array(["2024-01-01"], dtype="datetime64[s]"))
    plain = Schema("sales", "day", ("item",), ("item", "day", "sales"), horizon, steps, season=7)
    return replace(plain, **members)  # type: ignore[arg-type]


def cells(table: list[tuple[str, str, str]]) -> dict[str, list[str | None]]:
    return {name: [row[at] for row in table] for at, name in enumerate(("item", "day", "sales"))}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("forecast")
    analysed(root, as_csv(rows()), config())
    return root


@pytest.mark.parametrize(
    ("frequency", "first", "later", "number"),
    [
        ("15min", "2024-01-01T00:00", "2024-01-01T01:07", 4),
        ("1H", "2024-01-01T00:00", "2024-01-02T00:59", 24),
        ("2D", "2024-01-01", "2024-01-06", 2),
        ("W", "2024-01-03", "2024-01-17", 2),
        ("1M", "2024-01-31", "2024-04-30", 3),
        ("3M", "2024-02-01", "2024-10-01", 2),
        ("1Y", "2020-06-01", "2024-06-01", 4),
    ],
)
def test_times_become_steps_and_steps_times(frequency: str, first: str, later: str, number: int) -> None:
    times = np.array([first, later], dtype="datetime64[s]")
    steps = Steps.of(frequency, times)
    assert steps.numbers(times).tolist() == [0, number]
    assert steps.numbers(steps.times(np.arange(6))).tolist() == list(range(6))


def test_months_keep_their_last_day() -> None:
    times = np.array(["2024-01-31", "2024-02-29", "2024-03-31"], dtype="datetime64[s]")
    found = Steps.of("M", times).times(np.arange(1, 4)).astype("datetime64[D]").astype(str).tolist()
    assert found == ["2024-02-29", "2024-03-31", "2024-04-30"]


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-01 03:00:00",
        "2024-02-01T03:00:00Z",
        "2024-02-01T04:00:00+01:00",
        "2024/02/01 03:00",
        "02/01/2024 03:00",
    ],
)
def test_timestamps_of_usual_forms_are_read(text: str) -> None:
    assert parse_times([text, None])[0] == np.datetime64("2024-02-01T03:00:00")
    assert np.isnat(parse_times([text, None])[1])


def test_rows_become_series_with_gaps_filled() -> None:
    table = [
        ("a", "2024-01-01", "1"),
        ("a", "2024-01-04", "7"),
        ("b", "2024-01-02", "5"),
        ("b", "2024-01-03", ""),
    ]
    found = build(cells(table), schema())
    assert [one.values.tolist() for one in found.series] == [[1, 0, 0, 7], [5, 0, 0]]
    assert (found.filled, found.merged, found.dropped) == (4, 0, 0)
    rules = {"sales": {"middlefill": "mean", "backfill": "value", "backfill_value": "2"}}
    found = build(cells(table), schema(filling=rules))
    assert [one.values.tolist() for one in found.series] == [[1, 4, 4, 7], [5, 2, 2]]


@pytest.mark.parametrize(
    ("how", "value"), [("sum", 9.0), ("avg", 4.5), ("first", 4.0), ("min", 4.0), ("max", 5.0)]
)
def test_rows_of_one_step_are_aggregated(how: str, value: float) -> None:
    table = [("a", "2024-01-01 08:00", "4"), ("a", "2024-01-01 20:00", "5"), ("a", "2024-01-02", "1")]
    found = build(cells(table), schema(aggregation=how))
    assert found.series[0].values.tolist() == [value, 1.0]
    assert found.merged == 1


def test_covariates_reach_into_the_future() -> None:
    table = [(f"2024-01-0{day}", "3" if day < 4 else "", str(day)) for day in range(1, 7)]
    given: dict[str, list[str | None]] = {
        "item": ["a"] * 6,
        "day": [row[0] for row in table],
        "sales": [row[1] for row in table],
        "price": [row[2] for row in table],
    }
    wanted = schema(4, covariates=("price",), filling={"price": {"futurefill": "max"}})
    one = build(given, wanted).series[0]
    assert one.values.tolist() == [3, 3, 3]
    assert one.covariates.tolist() == [[1, 2, 3, 4, 5, 6, 6]]
    assert one.before(1).covariates.tolist() == [[1, 2, 3, 4, 5, 6]]


@pytest.mark.parametrize(
    ("day", "sales", "message"),
    [
        ("someday", "1", "row 2 holds 'someday', which is no timestamp"),
        ("2024-01-02", "many", "must be numeric, but row 2 holds 'many'"),
    ],
)
def test_bad_cells_are_named(day: str, sales: str, message: str) -> None:
    with pytest.raises(RowError, match=message):
        build(cells([("a", "2024-01-01", "1"), ("a", day, sales)]), schema())


def test_metrics_are_aws_s() -> None:
    truth = scores.Truth(np.array([0]), np.array([2]), np.array([[10.0, 0.0]]), np.array([2.0]))
    forecasts = np.array([[[8.0, 9.0, 12.0, 11.0], [-1.0, 1.0, 3.0, 1.0]]])
    found = scores.evaluate(truth, forecasts, schema(2))
    assert found["RMSE"] == pytest.approx(1.0)
    assert found["WAPE"] == pytest.approx(0.2)
    assert found["MAPE"] == pytest.approx(0.1)
    assert found["MASE"] == pytest.approx(0.5)
    losses = [2 * (0.2 + 0.1), 2 * (0.5 + 0.5), 2 * (0.2 + 0.3)]
    assert found["AverageWeightedQuantileLoss"] == pytest.approx(np.mean(losses) / 10)


@pytest.mark.parametrize("algorithm", sorted(set(MODULES)))
def test_every_forecaster_beats_the_last_week_and_keeps_its_quantiles_in_order(
    algorithm: str, prepared: Path, tmp_path: Path
) -> None:
    if algorithm in NEED_TORCH:
        pytest.importorskip("torch")
    folder = prepared / "processing/output/preprocessed-data"
    known = Schema.read(folder)
    series = Panel.read(folder, known.horizon)
    task = Task(known, {"batches": 150} if algorithm in NEED_TORCH else {}, 1)
    past, _ = series.before(known.horizon)
    found = kind_of(algorithm).fit(past, task)
    forecasts = tidy(found.forecast(past, task), known)
    assert forecasts.shape == (2, 7, 4)
    assert (np.diff(forecasts[:, :, :3], axis=2) >= 0).all()
    assert (forecasts >= 0).all()
    actual = np.stack([one.values[-7:] for one in series.series])
    week = np.stack([one.values[-14:-7] for one in series.series])
    mean = np.stack([np.full(7, one.values[:-7].mean()) for one in series.series])
    error = np.abs(actual - forecasts[:, :, 1]).mean()
    # Networks learn here for a moment only: they have to have understood the season, the others to average the noise out.
    least = np.abs(actual - mean).mean() * 0.8 if algorithm in NEED_TORCH else np.abs(actual - week).mean()
    assert error < least
    found.save(tmp_path)
    again = kind_of(algorithm).load(tmp_path, known).forecast(past, task)
    assert tidy(again, known) == pytest.approx(forecasts, rel=1e-4)


def test_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

    monkeypatch.setattr("importlib.import_module", absent)
    with pytest.raises(AlgorithmError, match=r"pip install \"smstudio-ext\[deep\]\""):
        kind_of("deepar")


@pytest.mark.parametrize("values", [[5.0] * 20, [0.0] * 20, [1.0, 2.0], [1e9, 1e-9] * 10], ids=str)
@pytest.mark.parametrize("algorithm", ["npts", "ets", "arima", "prophet"])
def test_odd_series_have_finite_forecasts(algorithm: str, values: list[float]) -> None:
    table = [("a", str(np.datetime64("2024-01-01") + day), repr(value)) for day, value in enumerate(values)]
    known = schema(3, nonnegative=True)
    series = build(cells(table), known)
    task = Task(known)
    assert np.isfinite(kind_of(algorithm).fit(series, task).forecast(series, task)).all()


def test_weights_take_the_better_forecaster() -> None:
    random = np.random.default_rng(0)
    actual = random.normal(50, 10, (6, 7))
    truth = scores.Truth(np.arange(6), np.full(6, 7), actual, np.ones(6))
    good = np.repeat((actual + random.normal(0, 1, actual.shape))[:, :, None], 4, axis=2)
    bad = np.repeat((actual + 30)[:, :, None], 4, axis=2)
    weights = mixture.weigh(truth, [bad, good], schema(), "WAPE")
    assert weights.sum() == pytest.approx(1)
    assert weights[1] > 0.9
    honest = mixture.crossfitted(truth, [bad, good], schema(), "WAPE")
    assert scores.evaluate(truth, honest, schema())["WAPE"] < 0.05


def test_candidate_writes_model_backtest_and_metrics(
    prepared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    optml = candidate(prepared, tmp_path, "ets")
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("[0]#011validation-")]
    assert {line.split("-", 1)[1].split(":")[0] for line in lines} == set(scores.METRICS)
    with (optml / "checkpoints/forecasted-values.csv").open() as stream:
        found = list(csv.DictReader(stream))
    assert list(found[0]) == ["item", "day", "target_value", "p10", "p50", "p90", "mean"]
    assert found[-1]["day"] == "2024-03-10 00:00:00"
    assert set(json.loads((optml / "checkpoints/accuracy-metrics.json").read_text())) == set(scores.METRICS)
    assert Model(optml / "model").schema.horizon == 7


@pytest.fixture(scope="module")
def predictor(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> serve.ForecastPredictor:
    optml = candidate(prepared, tmp_path_factory.mktemp("npts"), "npts")
    return serve.load(optml / "model", {"SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "text/csv"})


def test_csv_is_answered_with_the_steps_after_each_series(predictor: serve.ForecastPredictor) -> None:
    body, kind = predictor.invoke(as_csv(rows(items=2, days=20)), "text/csv", "")
    found = list(csv.DictReader(io.StringIO(body.decode())))
    assert kind == "text/csv"
    assert list(found[0]) == ["item", "day", "p10", "p50", "p90", "mean"]
    assert [(row["item"], row["day"][:10]) for row in found[:2]] == [
        ("item0", "2024-01-21"),
        ("item0", "2024-01-22"),
    ]
    assert len(found) == 14
    assert all(float(row["p10"]) <= float(row["p50"]) <= float(row["p90"]) for row in found)


def test_json_and_rows_without_header_are_answered_alike(predictor: serve.ForecastPredictor) -> None:
    table = rows(items=1, days=20)
    records = [dict(zip(("item", "day", "sales"), row, strict=True)) for row in table]
    body, kind = predictor.invoke(
        json.dumps({"instances": records}).encode(), "application/json", "application/json"
    )
    assert kind == "application/json"
    first = json.loads(body)["predictions"][0]
    assert list(first) == ["item", "day", "p10", "p50", "p90", "mean"]
    plain, _ = predictor.invoke(as_csv(table).split(b"\r\n", 1)[1], "text/csv", "text/csv")
    assert float(next(csv.DictReader(io.StringIO(plain.decode())))["p50"]) == first["p50"]


@pytest.mark.parametrize(
    ("body", "kind", "message"),
    [
        (b"", "text/csv", "empty"),
        (b"item,day\na,2024-01-01\n", "text/csv", r"lacks the column\(s\) sales"),
        (b"a,b\n1,2\n", "text/csv", "no column 'day'"),
        (b"item,day,sales\na,2024-01-01,1\n", "text/csv", "2 steps at least"),
        (b"item,day,sales\na,2024-01-01,1\na,x,1\n", "text/csv", "no timestamp"),
        (b"item,day,sales\na,2024-01-01,-1\na,2024-01-02,1\n", "text/csv", "negative"),
        (b"item,day,sales\na,2024-01-01\n", "text/csv", "Row 1 has 2 cells"),
        (b"{", "application/json", "no valid JSON"),
        (b'{"rows": []}', "application/json", "instances"),
        (b"x", "image/png", "not supported"),
    ],
)
def test_bad_requests_are_explained(
    predictor: serve.ForecastPredictor, body: bytes, kind: str, message: str
) -> None:
    with pytest.raises(ClientError, match=message):
        predictor.invoke(body, kind, "")


def test_panel_comes_back_as_it_was_written(prepared: Path, tmp_path: Path) -> None:
    folder = prepared / "processing/output/preprocessed-data"
    known = Schema.read(folder)
    first = Panel.read(folder, known.horizon)
    first.write(tmp_path)
    assert [one.values.tolist() for one in Panel.read(tmp_path, 7).series] == [
        one.values.tolist() for one in first.series
    ]
    assert (tmp_path / panel.FILE).is_file()


def test_objective_without_a_value_is_explained(tmp_path: Path) -> None:
    table = [("a", str(np.datetime64("2024-01-01") + day), 0.0) for day in range(40)]
    analysed(tmp_path, as_csv(table), config(5))
    with pytest.raises(AlgorithmError, match="objective MAPE has no value"):
        candidate(tmp_path, tmp_path / "job", "npts", objective="MAPE")
