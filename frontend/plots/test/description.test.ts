import { expect, test } from "vitest";
import { categoriesOf, type Description, marksOf, markText, valueText } from "../src/description";

const plot: Description = {
  kind: "dots",
  title: "Agreement",
  says: "Ada agrees.",
  x: { label: "Person", unit: "", scale: "category", low: null, high: null },
  y: { label: "Agreement", unit: "%", scale: "number", low: 0, high: 100 },
  stacked: false,
  series: [
    {
      name: "Contacts",
      forecast: false,
      points: [
        { x: "Zoe", y: 90 },
        { x: "Ada", y: null },
      ],
    },
    {
      name: "Outcome",
      forecast: false,
      points: [{ x: "Ada", y: 96.52, low: 92, high: 99, n: 40 }],
    },
  ],
  rules: [],
};

test("categories stay in the server's order", () => {
  expect(categoriesOf(plot)).toEqual(["Zoe", "Ada"]);
});

test("a point says its series, value, interval and n", () => {
  const [, gap, full] = marksOf(plot);
  expect(markText(full!, plot)).toBe("Outcome, Ada\n96.52 %\n92 % to 99 %\nn = 40");
  expect(markText(gap!, plot)).toBe("Contacts, Ada\nnothing measured");
});

test("a unit stands behind its number", () => {
  expect(valueText(12.5, { ...plot.y, unit: "episodes" })).toBe("12.5 episodes");
});

test("dates are read as dates", () => {
  const timed = {
    ...plot,
    kind: "line" as const,
    x: { ...plot.x, scale: "time" as const },
    series: [{ name: "Done", forecast: false, points: [{ x: "2026-11-02", y: 3 }] }],
  };
  const [mark] = marksOf(timed);
  expect(mark?.x).toEqual(new Date("2026-11-02"));
  expect(markText(mark!, timed)).toBe("2026-11-02\n3 %");
});
