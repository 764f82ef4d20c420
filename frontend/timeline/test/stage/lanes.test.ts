import { describe, expect, test } from "vitest";
import { Timeline } from "../../src/model/timeline";
import type { SignalDimension, SignalInfo } from "../../src/net/payload";
import { axisStep, hitTest } from "../../src/stage/hit";
import type { Track } from "../../src/stage/host";
import { type LabelLane, layOut, packRows } from "../../src/stage/lanes";
import { shortNames, signalGroups } from "../../src/stage/signallanes";
import { fitAll, type Viewport, xOf } from "../../src/stage/viewport";
import { CORE, DURATION, label, segment } from "../cast";

const S = 1_000_000_000;
const view: Viewport = fitAll({
  fromNs: 0,
  toNs: 0,
  durationNs: DURATION,
  left: 100,
  width: 1_000,
});
const track = (timeline: Timeline, name = "Ada", editable = true): Track => ({
  setId: name,
  name,
  editable,
  timeline,
});
const lanesOf = (timeline: Timeline) => layOut([track(timeline)], CORE, [], null).lanes;

describe("lanes", () => {
  test("there is one of each kind even before anything is marked", () => {
    expect(lanesOf(Timeline.empty).map((lane) => lane.name)).toEqual([
      "contacts",
      "instruction",
      "failure",
    ]);
  });

  test("every effector with segments has its own lane", () => {
    const timeline = Timeline.of([
      { ...segment("a", 0, S), effector: "right" },
      { ...segment("b", 0, S), effector: "left" },
    ]);
    const names = lanesOf(timeline).map((lane) => lane.name);
    expect(names).toContain("instruction right");
    expect(names).toContain("instruction left");
  });

  test("lanes of several sets lie kind by kind under a caption, named after whose they are", () => {
    const marked = Timeline.of([segment("a", 0, S)]);
    const tracks = [track(marked, "Ada"), track(Timeline.empty, "Gold")];
    const { lanes } = layOut(tracks, CORE, [], null);
    expect(lanes.map((lane) => lane.name)).toEqual([
      "contacts: none in any set",
      "instruction",
      "Ada",
      "Gold",
      "failure: none in any set",
    ]);
  });

  test("ranges that overlap go to different rows, others share one", () => {
    const rows = packRows([segment("a", 0, 10), segment("b", 5, 15), segment("c", 10, 20)]);
    expect([...rows.values()]).toEqual([0, 1, 0]);
  });
});

describe("signals", () => {
  const dims = (names: string, group = "", unit = ""): SignalDimension[] =>
    names.split(" ").map((name) => ({ name, unit, group }));
  const signal = (
    name: string,
    kind: string,
    dimensions: readonly SignalDimension[],
    spectrogram_url: string | null = null,
  ): SignalInfo => ({
    id: name,
    name,
    kind,
    dimensions,
    samples: 3,
    layout_url: "",
    tile_url: "",
    spectrogram_url,
  });

  test("state and command of one joint share lane and colour", () => {
    const dimensions = [...dims("pan lift", "joints"), ...dims("grip", "gripper")];
    const groups = signalGroups([
      signal("observation.state", "state", dimensions),
      signal("action", "action", dimensions),
    ]);
    expect(groups.map((group) => [group.name, group.lines.length])).toEqual([
      ["gripper", 2],
      ["joints", 4],
    ]);
    const colours = groups[1]!.lines.map((line) => [line.name, line.colour, line.command]);
    expect(colours).toEqual([
      ["pan", 0, false],
      ["lift", 1, false],
      ["pan", 0, true],
      ["lift", 1, true],
    ]);
    expect(groups[1]!.legend.map((row) => row.line.command)).toEqual([false, false]);
  });

  test("force never shares a scale with position; what only a simulation knows comes last", () => {
    const groups = signalGroups([
      signal("observation.environment_state", "state", dims("block_x block_y goal_x")),
      signal("observation.state", "state", [...dims("pan.pos"), ...dims("gripper.pos", "gripper")]),
      signal("observation.jaw_force", "force", dims("fixed_jaw moving_jaw", "gripper")),
    ]);
    expect(groups.map(({ name, folded }) => [name, folded])).toEqual([
      ["gripper", false],
      ["force", false],
      ["joints", false],
      ["environment", true],
    ]);
  });

  test("a sound has a waveform, and below it a spectrogram, folded, where one is made", () => {
    const mic = signal("mic", "audio", dims("left right"), "/spectrogram");
    const groups = signalGroups([signal("state", "state", dims("pan.pos")), mic]);
    expect(groups.map(({ name, look, folded }) => [name, look, folded])).toEqual([
      ["audio", "waveform", false],
      ["spectrogram", "spectrogram", true],
      ["joints", "lines", false],
    ]);
    expect(new Set(groups.map(({ id }) => id)).size).toBe(3);
    const heights = layOut([], CORE, groups, null, () => true).lanes.map((lane) => lane.height);
    expect(heights.slice(-3, -1)).toEqual([49, 128]);
  });

  test("two sounds are told apart by their names, one without pictures has a waveform alone", () => {
    const groups = signalGroups([
      signal("observation.mic_left", "audio", dims("mono")),
      signal("observation.mic_right", "audio", dims("mono"), "/spectrogram"),
    ]);
    expect(groups.map(({ name }) => name)).toEqual([
      "mic left",
      "mic right",
      "mic right spectrogram",
    ]);
  });

  test("one quantity in two units has two lanes", () => {
    const groups = signalGroups([
      signal("a", "state", dims("left", "gripper", "mm")),
      signal("b", "state", dims("right", "gripper", "%")),
    ]);
    expect(groups.map((group) => group.name)).toEqual(["gripper (mm)", "gripper (%)"]);
  });

  test("many lines are folded until asked for, and as high as their legend when open", () => {
    const many = signal("s", "state", dims("a b c d e f g", "left arm"));
    const groups = signalGroups([many, signal("g", "gripper", dims("x", "gripper"))]);
    const group = groups.find(({ name }) => name === "left arm");
    expect(group!.folded).toBe(true);
    const height = (open: boolean) =>
      layOut([], CORE, [group!], null, () => open).lanes.at(-1)!.height;
    expect(height(false)).toBe(22);
    expect(height(true)).toBeGreaterThan(7 * 12);
  });

  test("the only lane there is stands open, however many lines it has", () => {
    const [group] = signalGroups([signal("s", "state", dims("a b c d e f g", "left arm"))]);
    expect(group!.folded).toBe(false);
  });

  test("names are cut down to what tells them apart", () => {
    expect(shortNames(["kLeftHandRing", "kLeftHandThumb"])).toEqual(["Ring", "Thumb"]);
    expect(shortNames(["fixed_jaw", "moving_jaw"])).toEqual(["fixed", "moving"]);
    expect(shortNames(["pan.pos", "wrist_roll.pos"])).toEqual(["pan", "wrist roll"]);
    expect(shortNames(["gripper.pos"])).toEqual(["gripper pos"]);
    expect(shortNames(["x", "x"])).toHaveLength(2);
  });
});

describe("what lies under the pointer", () => {
  const timeline = Timeline.of([
    segment("a", S, 2 * S),
    segment("b", 2 * S, 3 * S),
    label("i", "slip", { start_ns: S }),
    label("f", "failure", { start_ns: S, end_ns: 4 * S }),
    label("r", "recovery", { start_ns: 2 * S, end_ns: 5 * S }),
  ]);
  const lanes = lanesOf(timeline);
  const at = (index: number, seconds: number, dx = 0, dy = 12, selected: string[] = []) => {
    const y = lanes[index]!.top + dy;
    return hitTest(lanes, view, xOf(view, seconds * S) + dx, y, new Set(selected));
  };

  test("an instant within a few pixels", () => {
    expect(at(0, 1, 6).grip).toEqual({ labelId: "i", part: "instant" });
    expect(at(0, 1, 20).label).toBeNull();
  });

  test("an edge, the body, or nothing", () => {
    expect(at(1, 1, -3).grip).toEqual({ labelId: "a", part: "start" });
    expect(at(1, 1.5)).toMatchObject({ label: { id: "a" }, grip: null });
    expect(at(1, 6).label).toBeNull();
  });

  test("a boundary that two share goes to the side of the pointer, or to the selected one", () => {
    expect(at(1, 2, -2).grip).toEqual({ labelId: "a", part: "end" });
    expect(at(1, 2, 2).grip).toEqual({ labelId: "b", part: "start" });
    expect(at(1, 2, 2, 12, ["a"]).grip).toEqual({ labelId: "a", part: "end" });
  });

  test("spans that overlap are told apart by their row", () => {
    const spans = lanes[2] as LabelLane;
    expect(spans.rows.get("r")).toBe(1);
    expect(at(2, 3, 0, 8).label?.id).toBe("f");
    expect(at(2, 3, 0, 30).label?.id).toBe("r");
  });

  test("nothing beside the plot", () => {
    expect(hitTest(lanes, view, 20, 5, new Set()).label).toBeNull();
  });
});

test("time axes go in steps of 1, 2 and 5", () => {
  expect(axisStep(1_000_000, 84)).toBe(100_000_000);
  expect(axisStep(10_000_000, 84)).toBe(1_000_000_000);
  expect(axisStep(2_000_000, 84)).toBe(200_000_000);
});
