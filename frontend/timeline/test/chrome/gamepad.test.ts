import { describe, expect, test } from "vitest";
import { PadReader } from "../../src/chrome/gamepad";

/** A pad whose buttons are pressed by number; triggers by how far. */
function pad(...pressed: (number | { trigger: number; value: number })[]) {
  const buttons = Array.from({ length: 17 }, (_, i) => {
    const button = pressed.find(
      (each) => each === i || (typeof each === "object" && each.trigger === i),
    );
    const value = typeof button === "object" ? button.value : button === undefined ? 0 : 1;
    return { pressed: value === 1, touched: value > 0, value };
  });
  return { connected: true, buttons };
}

function reading(...looks: (ReturnType<typeof pad> | null)[][]): string[] {
  const said: string[] = [];
  let now: (ReturnType<typeof pad> | null)[] = [];
  const reader = new PadReader(() => now);
  for (const look of looks) {
    now = look;
    reader.look({ down: (name) => said.push(`+${name}`), up: (name) => said.push(`-${name}`) });
  }
  return said;
}

describe("a gamepad's buttons", () => {
  test("are told once when pressed and once when let go", () => {
    expect(reading([pad(0)], [pad(0)], [pad()])).toEqual(["+Pad1", "-Pad1"]);
  });

  test("overlap as keys do", () => {
    expect(reading([pad(0)], [pad(0, 3)], [pad(3)], [pad()])).toEqual([
      "+Pad1",
      "+Pad4",
      "-Pad1",
      "-Pad4",
    ]);
  });

  test("count from half way where they can be pressed a little", () => {
    const trigger = (value: number) => [pad({ trigger: 6, value })];
    expect(reading(trigger(0.2), trigger(0.7), trigger(0.4))).toEqual(["+Pad7", "-Pad7"]);
  });

  test("are let go when the pad is unplugged", () => {
    expect(reading([pad(12)], [null])).toEqual(["+Pad13", "-Pad13"]);
    expect(reading([pad(12)], [{ ...pad(12), connected: false }])).toEqual(["+Pad13", "-Pad13"]);
  });
});
