"""The table behind a plot says what the plot shows."""

import json
import math
from datetime import date

from annotation.plots import Axis, Kind, Plot, Point, Rule, Scale, Series


def a_plot(*series: Series, scale: Scale = Scale.CATEGORY) -> Plot:
    x, y = Axis("Person", scale=scale), Axis("Agreement", unit="%")
    return Plot(Kind.DOTS, "Agreement", "Ada agrees.", x, y, series)


def test_one_series_without_intervals_has_two_columns() -> None:
    plot = a_plot(Series("All", (Point("Ada", 96.5), Point("Abe", None))))
    assert plot.headings == ["Person", "Agreement, %"]
    assert plot.rows == [["Ada", "96.5"], ["Abe", "–"]]


def test_several_series_meet_in_the_rows_they_share() -> None:
    plot = a_plot(
        Series("Contacts", (Point("Ada", 96.0, low=90.0, high=99.0, n=1200),)),
        Series("Outcome", (Point("Abe", 80.0), Point("Ada", 99.0))),
    )
    assert plot.headings == [
        "Person",
        *("Contacts: Agreement, %", "Contacts: from", "Contacts: to", "Contacts: n"),
        *("Outcome: Agreement, %", "Outcome: from", "Outcome: to", "Outcome: n"),
    ]
    assert plot.rows == [
        ["Ada", "96", "90", "99", "1,200", "99", "–", "–", "–"],
        ["Abe", "–", "–", "–", "–", "80", "–", "–", "–"],
    ]


def test_days_come_in_order() -> None:
    points = (Point(date(2026, 11, 3), 1.0), Point(date(2026, 11, 2), 2.0))
    assert [row[0] for row in a_plot(Series("Done", points), scale=Scale.TIME).rows] == [
        "2026-11-02",
        "2026-11-03",
    ]


def test_what_json_cannot_say_is_a_gap() -> None:
    plot = a_plot(Series("All", (Point("Ada", math.nan, high=math.inf), Point("Abe", 0.0))))
    sent = json.loads(json.dumps(plot.to_json(), allow_nan=False))
    assert sent["series"][0]["points"] == [{"x": "Ada", "y": None}, {"x": "Abe", "y": 0.0}]


def test_a_rule_on_a_day() -> None:
    plot = Plot(
        *(Kind.LINE, "Done", "", Axis("Day", scale=Scale.TIME), Axis("Episodes"), ()),
        rules=(Rule(date(2026, 12, 1), "deadline", across="x"),),
    )
    assert plot.to_json()["rules"] == [{"at": "2026-12-01", "label": "deadline", "across": "x"}]
    assert plot.empty
