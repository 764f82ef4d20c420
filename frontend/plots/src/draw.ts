import * as Plot from "@observablehq/plot";
import {
  type Axis,
  categoriesOf,
  type Description,
  type Mark,
  marksOf,
  markText,
} from "./description";

/** Okabe and Ito's colours, told apart by colour-blind people too; series differ in dash as well. */
const LIGHT = ["#0072b2", "#b35900", "#00785a", "#a0507f", "#56606c", "#7a6a00"];
const DARK = ["#6bb8ee", "#f0a35e", "#5fd3b0", "#e6a5cb", "#a7b0bc", "#e0d060"];
const DASHES = ["", "6 3", "2 2", "8 3 2 3", "1 4", "10 4"];
const ROW = 26;
const MOST_DOTS = 60;
/** About what a letter of the axis is wide, px. */
const LETTER = 6.5;

function heading(axis: Axis): string {
  return axis.unit ? `${axis.label}, ${axis.unit}` : axis.label;
}

/** What the value axis spans: bars start at nought and stand on each other where they are stacked. */
function domain(plot: Description, marks: readonly Mark[]): [number, number] | undefined {
  const values = marks.flatMap((mark) => [mark.y, mark.low, mark.high]).filter((v) => v !== null);
  if (values.length === 0) return undefined;
  if (plot.kind === "bars") values.push(0);
  if (plot.stacked) values.push(...heights(marks).values());
  const low = plot.y.low ?? Math.min(...values);
  const high = plot.y.high ?? Math.max(...values);
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

function heights(marks: readonly Mark[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const { x, y } of marks) found.set(String(x), (found.get(String(x)) ?? 0) + (y ?? 0));
  return found;
}

function rules(plot: Description): Plot.Markish[] {
  const sideways = plot.kind === "dots";
  return plot.rules.flatMap((rule) => {
    const vertical = (rule.across === "x") !== sideways;
    const at = rule.across === "x" && plot.x.scale === "time" ? new Date(rule.at) : rule.at;
    const look = { stroke: "var(--warn)", strokeDasharray: "4 3" };
    const said = { text: [rule.label], fill: "var(--warn)" };
    return vertical
      ? [
          Plot.ruleX([at], look),
          Plot.text([at], {
            ...said,
            x: at,
            frameAnchor: "top",
            textAnchor: "start",
            dx: 4,
            dy: 4,
          }),
        ]
      : [
          Plot.ruleY([at], look),
          Plot.text([at], { ...said, y: at, frameAnchor: "right", textAnchor: "end", dy: -7 }),
        ];
  });
}

function lines(plot: Description, marks: Mark[]): Plot.Markish[] {
  const banded = marks.filter((mark) => mark.low !== null && mark.high !== null);
  return [
    Plot.areaY(banded, {
      x: "x",
      y1: "low",
      y2: "high",
      z: "series",
      fill: "series",
      fillOpacity: 0.16,
    }),
    ...plot.series.map((series, at) =>
      Plot.lineY(
        marks.filter((mark) => mark.series === series.name),
        {
          x: "x",
          y: "y",
          stroke: "series",
          strokeWidth: 1.75,
          strokeDasharray: series.forecast ? "3 4" : (DASHES[at % DASHES.length] ?? ""),
        },
      ),
    ),
    Plot.dot(marks.length > MOST_DOTS ? [] : marks, {
      x: "x",
      y: "y",
      fill: "series",
      symbol: plot.series.length > 1 ? "series" : "circle",
      r: 2.75,
      href: "href",
      title: (mark: Mark) => markText(mark, plot),
    }),
    Plot.tip(marks, Plot.pointer({ x: "x", y: "y", title: (mark: Mark) => markText(mark, plot) })),
  ];
}

function bars(plot: Description, marks: Mark[]): Plot.Markish[] {
  const title = (mark: Mark) => markText(mark, plot);
  const beside = plot.series.length > 1 && !plot.stacked;
  const look = { y: "y", fill: "series", title, href: "href", inset: 0.5 } as const;
  const bar = beside
    ? Plot.barY(marks, { ...look, fx: "x", x: "series" })
    : Plot.barY(marks, { ...look, x: "x" });
  const whiskers = marks.filter((mark) => mark.low !== null && mark.high !== null);
  const at = beside ? ({ fx: "x", x: "series" } as const) : ({ x: "x" } as const);
  return [
    bar,
    Plot.ruleX(whiskers, { ...at, y1: "low", y2: "high", stroke: "var(--text)" }),
    Plot.ruleY([0], { stroke: "var(--border-strong)" }),
  ];
}

function dots(plot: Description, marks: Mark[]): Plot.Markish[] {
  return [
    Plot.ruleY(marks, { y: "x", x1: "low", x2: "high", stroke: "series", strokeWidth: 2 }),
    Plot.dot(marks, {
      y: "x",
      x: "y",
      fill: "series",
      symbol: plot.series.length > 1 ? "series" : "circle",
      r: 4,
      href: "href",
      title: (mark: Mark) => markText(mark, plot),
    }),
  ];
}

function boxes(plot: Description, marks: Mark[]): Plot.Markish[] {
  const title = (mark: Mark) => markText(mark, plot);
  return [
    Plot.ruleX(marks, { x: "x", y1: "low", y2: "high", stroke: "var(--border-strong)" }),
    Plot.barY(marks, {
      x: "x",
      y1: "from",
      y2: "to",
      fill: "series",
      fillOpacity: 0.5,
      title,
      href: "href",
    }),
    Plot.tickY(marks, { x: "x", y: "y", stroke: "var(--text)", strokeWidth: 2 }),
  ];
}

function matrix(plot: Description, marks: Mark[]): Plot.Markish[] {
  const most = Math.max(...marks.map((mark) => mark.y ?? 0), 1);
  return [
    Plot.cell(marks, {
      x: "x",
      y: "series",
      fill: "y",
      inset: 0.5,
      href: "href",
      title: (mark: Mark) => markText(mark, plot),
    }),
    Plot.text(marks, {
      x: "x",
      y: "series",
      text: (mark: Mark) => (mark.y ? String(mark.y) : ""),
      fill: (mark: Mark) => ((mark.y ?? 0) > most / 2 ? "var(--surface)" : "var(--text)"),
    }),
  ];
}

const DAY_MS = 86_400_000;
const FEW_DAYS = 14;

/** Whether a time axis is so short that it would be divided into hours, which no figure has. */
function withinDays(plot: Description, marks: Mark[]): boolean {
  if (plot.x.scale !== "time" || marks.length === 0) return false;
  const times = marks.map((mark) => Number(mark.x));
  return Math.max(...times) - Math.min(...times) <= FEW_DAYS * DAY_MS;
}

const MARKS = { line: lines, bars, dots, boxes, matrix };

/** The picture of a plot, as wide as its place. Colours are those of the page's theme. */
export function draw(plot: Description, width: number, dark: boolean): SVGElement | HTMLElement {
  const marks = marksOf(plot);
  const categories = categoriesOf(plot);
  const category = plot.x.scale === "category";
  const values = domain(plot, marks);
  const value = {
    label: heading(plot.y),
    grid: true,
    nice: true,
    ...(values && { domain: values }),
  };
  const named = {
    label: heading(plot.x),
    ...(category && { domain: categories }),
    ...(withinDays(plot, marks) && { ticks: "day" }),
  };
  const series = plot.series.map((one) => one.name);
  const palette = (dark ? DARK : LIGHT).slice(0, Math.max(series.length, 1));
  const sideways = plot.kind === "dots";
  const longest = Math.max(...(sideways ? categories : series).map((name) => name.length), 4);
  const wide = sideways || plot.kind === "matrix";
  const rows = sideways ? categories.length : series.length;
  const beside = plot.kind === "bars" && series.length > 1 && !plot.stacked;
  const longestCategory = Math.max(...categories.map((name) => name.length), 1);
  const room = (width - 76) / Math.max(categories.length, 1);
  const tilted = category && !sideways && longestCategory * LETTER > room;
  const drawn = Plot.plot({
    width,
    height: wide ? rows * ROW + (tilted ? 120 : 70) : 240,
    marginLeft: wide ? Math.min(longest * LETTER + 20, width / 2.5) : 52,
    marginRight: 24,
    marginBottom: tilted ? Math.min(longestCategory * LETTER * 0.7 + 36, 110) : 40,
    style: {
      background: "transparent",
      color: "var(--text)",
      fontFamily: "var(--font)",
      fontSize: "12px",
    },
    ariaLabel: plot.title,
    ariaDescription: plot.says,
    ...(plot.kind === "matrix"
      ? {
          x: { ...named, tickRotate: tilted ? -40 : 0 },
          y: { label: null, domain: series },
          color: { type: "linear", range: dark ? ["#1c2733", "#6bb8ee"] : ["#eef4fa", "#0b5cad"] },
        }
      : {
          ...(sideways
            ? { x: value, y: { ...named, label: null } }
            : beside
              ? {
                  fx: { ...named, tickRotate: tilted ? -40 : 0 },
                  x: { axis: null, domain: series },
                  y: value,
                }
              : { x: { ...named, tickRotate: tilted ? -40 : 0 }, y: value }),
          color: { domain: series, range: palette, legend: series.length > 1 },
          symbol: { domain: series },
        }),
    marks: [...MARKS[plot.kind](plot, marks), ...rules(plot)],
  });
  // Groups without a role may not be named; the whole has its name, and the table says the rest.
  for (const group of drawn.querySelectorAll("g[aria-label]")) group.removeAttribute("aria-label");
  return drawn;
}
