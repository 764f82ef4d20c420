import { describe, expect, test } from "vitest";
import type { SignalDimension, SignalInfo } from "../../src/net/payload";
import { LaneChoice, type Shelf } from "../../src/stage/lanechoice";
import { allLines, ownGroup, signalGroups } from "../../src/stage/signallanes";

class Drawer implements Shelf {
  readonly items = new Map<string, string>();
  getItem(key: string) {
    return this.items.get(key) ?? null;
  }
  setItem(key: string, value: string) {
    this.items.set(key, value);
  }
}

const dimension = (name: string, unit = "rad", group = ""): SignalDimension => ({
  name,
  unit,
  group,
});
const signal = (name: string, kind: string, dimensions: SignalDimension[]): SignalInfo => ({
  id: name,
  name,
  kind,
  dimensions,
  samples: 3,
  layout_url: "",
  tile_url: "",
  spectrogram_url: null,
});
const SIGNALS = [
  signal("observation.state", "state", [dimension("pan.pos"), dimension("grip", "rad", "gripper")]),
  signal("observation.jaw_force", "force", [dimension("jaw", "N")]),
];
const open = (drawer: Drawer, signals = SIGNALS, key = "ada.so101") =>
  new LaneChoice(signalGroups(signals), allLines(signals), key, drawer);
const names = (choice: LaneChoice) => choice.groups.map((group) => group.name);

describe("a person's lanes", () => {
  test("are as they come until somebody chooses, and stay as chosen", () => {
    const drawer = new Drawer();
    const choice = open(drawer);
    expect(names(choice)).toEqual(["gripper", "force", "joints"]);
    choice.show(choice.groups[1]!.id, false);
    choice.move(choice.groups[1]!.id, -1);
    choice.toggle(choice.groups[0]!);
    expect(names(open(drawer))).toEqual(names(choice));
    expect(names(choice)).not.toContain("force");
    expect(open(drawer).isOpen(choice.groups[0]!)).toBe(false);
    expect(names(open(drawer, SIGNALS, "ravi.so101"))).toEqual(["gripper", "force", "joints"]);
  });

  test("can be put together from any dimensions, each unit to its own scale", () => {
    const drawer = new Drawer();
    const choice = open(drawer);
    const keys = ["observation.state/grip", "observation.jaw_force/jaw"];
    expect(choice.add("grasp", keys)?.lines.map((line) => line.colour)).toEqual([0, 1]);
    expect(names(open(drawer))).toEqual(["grasp", "gripper", "force", "joints"]);
    choice.remove(choice.groups[0]!.id);
    expect(names(open(drawer))).toEqual(["gripper", "force", "joints"]);
  });

  test("of lines that an episode does not have are left out there and come back elsewhere", () => {
    const drawer = new Drawer();
    open(drawer).add("grasp", ["observation.jaw_force/jaw"]);
    expect(names(open(drawer, [SIGNALS[0]!]))).toEqual(["gripper", "joints"]);
    expect(names(open(drawer))[0]).toBe("grasp");
    const none = { id: "x", name: "x", keys: ["nothing"] };
    expect(ownGroup(none, allLines(SIGNALS))).toBeNull();
    expect(open(drawer).add("none", ["nothing"])).toBeNull();
  });

  test("are walked through without those that are hidden", () => {
    const choice = open(new Drawer());
    choice.show(choice.groups[0]!.id, false);
    expect([choice.walk(1)?.name, choice.walk(1)?.name, choice.walk(1)?.name]).toEqual([
      "force",
      "joints",
      "force",
    ]);
    expect(choice.walk(-1)?.name).toBe("joints");
  });

  test("survive a shelf that holds nonsense, and start anew on request", () => {
    const drawer = new Drawer();
    drawer.setItem("ada.so101", "{nonsense");
    const choice = open(drawer);
    choice.show(choice.groups[0]!.id, false);
    choice.reset();
    expect(names(open(drawer))).toHaveLength(3);
  });
});
