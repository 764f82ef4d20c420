import { describe, expect, test } from "vitest";
import type { SignalDimension, SignalInfo } from "../../src/net/payload";
import { CandidateFinder, tellingLines } from "../../src/stage/candidatefinder";
import { allLines, signalGroups } from "../../src/stage/signallanes";
import { oneTile, SignalSource, Tile } from "../../src/stage/signals";
import { valueText } from "../../src/stage/signalscale";
import { SpeedSource, speedSpecs } from "../../src/stage/speed";

const MS = 1_000_000;
const signal = (kind: string, names: string, more: Partial<SignalDimension> = {}): SignalInfo => ({
  id: kind,
  name: `observation.${kind}`,
  kind,
  dimensions: names.split(" ").map((name) => ({ name, unit: "m", group: "", ...more })),
  samples: 3,
  layout_url: "",
  tile_url: "",
  spectrogram_url: null,
});

describe("where a speed can be made", () => {
  const made = (...signals: SignalInfo[]) =>
    speedSpecs(signals).map(({ info, columns }) => [info.dimensions[0]!.name, ...columns]);

  test("of the end effector's x, y and z, whatever else is beside them", () => {
    expect(made(signal("ee", "ee_x ee_y ee_z"))).toEqual([["ee", 0, 1, 2]]);
    expect(made(signal("ee", "x y z gripper"))).toEqual([["speed", 0, 1, 2]]);
  });

  test("of a state where the embodiment says that they are positions, a hand each", () => {
    const names =
      "left_wrist_x left_wrist_y left_wrist_z right_wrist_x right_wrist_y right_wrist_z";
    expect(made(signal("state", names))).toEqual([]);
    expect(made(signal("state", names, { quantity: "position" }))).toEqual([
      ["left_wrist", 0, 1, 2],
      ["right_wrist", 3, 4, 5],
    ]);
  });

  test("never of actions, rotations or two axes alone", () => {
    expect(made(signal("action", "x y z", { quantity: "position" }))).toEqual([]);
    expect(made(signal("ee", "rx ry rz", { quantity: "rotation" }))).toEqual([]);
    expect(made(signal("ee", "ee_x ee_y"))).toEqual([]);
  });

  test("in a lane of its own, in metres a second", () => {
    const group = signalGroups([signal("ee", "ee_x ee_y ee_z")]).find(
      ({ name }) => name === "ee speed",
    );
    expect(group?.lines.map(({ unit }) => unit)).toEqual(["m/s"]);
  });
});

/** 3 m/s along x and 4 along y, then rest. */
function moving(): { source: SignalSource; tile: Tile } {
  const n = 200;
  const times = Float64Array.from({ length: n }, (_, i) => i * 10 * MS);
  const run = (perSecond: number) =>
    Float32Array.from(times, (t) => (perSecond * Math.min(t, 1_000 * MS)) / 1_000 / MS);
  const values = [run(3), run(4), run(0)];
  const tile = new Tile(0, times, values, values);
  const source = new SignalSource(oneTile(n, 3, 4096), () => {});
  return { source, tile };
}

describe("a speed", () => {
  test("is the distance a second, and 0 at rest", () => {
    const { source, tile } = moving();
    let grown = 0;
    const speed = new SpeedSource(source, [0, 1, 2], () => {
      grown += 1;
    });
    expect(speed.extent()).toBeNull();
    expect(speed.valueAt(0, 500 * MS)).toBeNaN();
    source.add(0, tile);
    expect(speed.valueAt(0, 500 * MS)).toBeCloseTo(5, 3);
    expect(speed.valueAt(0, 1_500 * MS)).toBe(0);
    expect(speed.extent()![1]).toBeCloseTo(5, 3);
    expect(grown).toBe(1);
    expect(speed.pieces(0, 2_000 * MS, 100)[0]!.tile.lows[0]![50]).toBeCloseTo(5, 3);
  });

  test("of many samples in a row is told by how far they lay apart", () => {
    const times = Float64Array.of(0, 100 * MS, 200 * MS);
    const lows = [0, 0, 0].map(() => Float32Array.of(0, 1, 1));
    const highs = [3, 4, 0].map((size) => Float32Array.of(size / 10, 1, Number.NaN));
    const source = new SignalSource(
      {
        dimensions: 3,
        tile_rows: 4,
        levels: [
          { rows: 24, starts_ns: [0, 1] },
          { rows: 3, starts_ns: [0] },
        ],
      },
      () => {},
    );
    source.add(0, new Tile(1, times, lows, highs));
    const [piece] = new SpeedSource(source, [0, 1, 2], () => {}).pieces(0, 1_000 * MS, 1);
    expect([...piece!.tile.lows[0]!]).toEqual([expect.closeTo(5, 4), 0, Number.NaN]);
  });
});

describe("looking for candidates", () => {
  test("commands tell of nothing where something measured does", () => {
    const state = signal("state", "gripper.pos", { group: "gripper" });
    const action = signal("action", "gripper.pos", { group: "gripper" });
    const telling = (...signals: SignalInfo[]) =>
      tellingLines(allLines(signals)).map((line) => line.signal.kind);
    expect(telling(state, action)).toEqual(["state"]);
    expect(telling(action)).toEqual(["action"]);
  });

  test("goes tile by tile, asks for what is not here, and finds what crosses from one to the next", () => {
    // A grip that closes around the border of two tiles.
    const rows = 100;
    const value = (i: number) => 1 - Math.min(1, Math.max(0, (i - 80) / 40));
    const tileOf = (number: number) => {
      const times = Float64Array.from({ length: rows }, (_, i) => (number * rows + i) * 10 * MS);
      const values = [Float32Array.from(times, (_, i) => value(number * rows + i))];
      return new Tile(0, times, values, values);
    };
    const layout = {
      dimensions: 1,
      tile_rows: rows,
      levels: [
        { rows: 200, starts_ns: [0, 1_000 * MS] },
        { rows: 2, starts_ns: [0] },
      ],
    };
    const wanted: string[] = [];
    const source = new SignalSource(layout, (level, number) => wanted.push(`${level}/${number}`));
    const [low, high] = [Float32Array.of(0), Float32Array.of(1)];
    source.add(0, new Tile(1, Float64Array.of(0), [low], [high]));
    const later: (() => void)[] = [];
    const lines = allLines([
      signal("state", "gripper.pos", { group: "gripper", positive: "opens" }),
    ]);
    const finder = new CandidateFinder({
      lines,
      sourceOf: () => source,
      later: (run) => later.push(run),
      changed: () => {},
    });
    finder.want(0, 2_000 * MS);
    expect(wanted).toEqual(["0/0", "0/1"]);
    for (const number of [0, 1]) {
      source.add(number, tileOf(number));
      finder.arrived(lines[0]!.signal.id, number);
    }
    while (later.length > 0) later.shift()!();
    expect(finder.all.map(({ at, kind }) => `${kind} ${at / MS}`)).toEqual([
      "closing_starts 800",
      "closing_ends 1200",
    ]);
    wanted.length = 0;
    finder.want(0, 2_000 * MS);
    expect(wanted).toEqual([]);
  });
});

test("values are written as exactly as their lane lets one see, in their unit", () => {
  const scale = (high: number) => ({ low: 0, high });
  expect(valueText(0.1234, "rad", scale(1.9))).toBe("0.12 rad");
  expect(valueText(0.1234, "m", scale(0.3))).toBe("0.123 m");
  expect(valueText(46.37, "N", scale(46.4))).toBe("46.4 N");
  expect(valueText(35.2, "deg", scale(180))).toBe("35°");
  expect(valueText(0.5, "1", scale(1))).toBe("0.50");
  expect(valueText(-0.0001, "", scale(1))).toBe("0.00");
  expect(valueText(Number.NaN, "N", scale(1))).toBe("–");
});
