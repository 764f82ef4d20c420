/** What a plot shows, as `annotation/plots.py` writes it. */
export interface Axis {
  readonly label: string;
  readonly unit: string;
  readonly scale: "time" | "number" | "category";
  readonly low: number | null;
  readonly high: number | null;
}

export interface Point {
  readonly x: string | number;
  readonly y: number | null;
  readonly low?: number;
  readonly high?: number;
  readonly quartiles?: readonly [number, number];
  readonly n?: number;
  readonly href?: string;
}

export interface Series {
  readonly name: string;
  readonly forecast: boolean;
  readonly points: readonly Point[];
}

export interface Rule {
  readonly at: number | string;
  readonly label: string;
  readonly across: "x" | "y";
}

export interface Description {
  readonly kind: "line" | "bars" | "dots" | "boxes" | "matrix";
  readonly title: string;
  readonly says: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly stacked: boolean;
  readonly series: readonly Series[];
  readonly rules: readonly Rule[];
}

/** One point with what it belongs to, as the marks want it. */
export interface Mark {
  readonly x: string | number | Date;
  readonly y: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly from: number | null;
  readonly to: number | null;
  readonly n: number | null;
  readonly href: string | null;
  readonly series: string;
  readonly forecast: boolean;
}

export function marksOf(plot: Description): Mark[] {
  const read = (x: string | number) => (plot.x.scale === "time" ? new Date(x) : x);
  return plot.series.flatMap((series) =>
    series.points.map((point) => ({
      x: read(point.x),
      y: point.y,
      low: point.low ?? null,
      high: point.high ?? null,
      from: point.quartiles?.[0] ?? null,
      to: point.quartiles?.[1] ?? null,
      n: point.n ?? null,
      href: point.href ?? null,
      series: series.name,
      forecast: series.forecast,
    })),
  );
}

/** Categories keep the order in which the server names them. */
export function categoriesOf(plot: Description): string[] {
  return [...new Set(plot.series.flatMap((one) => one.points.map((point) => String(point.x))))];
}

const number = new Intl.NumberFormat("en", { maximumSignificantDigits: 4 });

export function valueText(value: number | null, axis: Axis): string {
  if (value === null) return "nothing measured";
  return axis.unit === "%"
    ? `${number.format(value)} %`
    : `${number.format(value)}${axis.unit ? ` ${axis.unit}` : ""}`;
}

/** What a point says when it is pointed at. */
export function markText(mark: Mark, plot: Description): string {
  const x = mark.x instanceof Date ? mark.x.toISOString().slice(0, 10) : String(mark.x);
  const lines = [plot.series.length > 1 ? `${mark.series}, ${x}` : x, valueText(mark.y, plot.y)];
  if (mark.low !== null && mark.high !== null)
    lines.push(`${valueText(mark.low, plot.y)} to ${valueText(mark.high, plot.y)}`);
  if (mark.n !== null) lines.push(`n = ${mark.n}`);
  return lines.join("\n");
}
