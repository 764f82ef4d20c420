import { DEPTH_MAPS } from "../../decode/depthcolour";
import { movedCamera } from "../../stage/cameralayout";
import type { CameraStage } from "../../stage/cameras";
import type { CameraView } from "../../stage/cameraview";
import { STEP } from "../../stage/pictureview";
import { nextRows, widened } from "../../stage/stripchoice";
import { say, translated } from "../../words";
import type { EditorSession } from "../session";
import { type Command, type Context, editable, ownSelected } from "./contract";

/*
 * Of the camera that has the focus, or else of the large one. Keys that begin with I are about the
 * image: its layout, its light, its colours.
 */

type Run = (cameras: CameraStage, view: CameraView, session: EditorSession) => unknown;

function camera(id: string, name: string, keys: string[], run: Run): Command {
  return {
    id,
    group: "View",
    name,
    keys,
    undoable: false,
    when: ({ session }) => session.payload.streams.length > 0,
    run: ({ session }: Context) => {
      const cameras = session.stage.view?.cameras;
      const view = cameras?.acting;
      return cameras && view ? run(cameras, view, session) : false;
    },
  };
}

function repeated(id: string, name: string, keys: string[], run: Run): Command {
  return { ...camera(id, name, keys, run), repeats: true };
}

const several = ({ session }: Context) => session.payload.streams.length > 1;
const PAN = 60;
const LIGHTER = 1.15;

export const CAMERAS: readonly Command[] = [
  { ...camera("camera.next", "Next camera large", ["V"], cycle), when: several },
  {
    ...camera("camera.layout", "Cameras: one large, or a grid", ["I G"], toggleLayout),
    when: several,
  },
  {
    ...camera("camera.earlier", "Move the camera forward", ["I ArrowLeft"], move(-1)),
    when: several,
  },
  { ...camera("camera.later", "Move the camera back", ["I ArrowRight"], move(1)), when: several },
  repeated("picture.closer", "Zoom into the picture", ["Alt++", "Alt+="], (cameras, view) =>
    cameras.looking.zoom(view, STEP),
  ),
  repeated("picture.further", "Zoom out of the picture", ["Alt+-"], (cameras, view) =>
    cameras.looking.zoom(view, 1 / STEP),
  ),
  camera("picture.whole", "The whole picture", ["Alt+0"], (cameras, view) =>
    cameras.looking.whole(view),
  ),
  repeated("picture.left", "Picture: look further left", ["Alt+Shift+ArrowLeft"], pan(1, 0)),
  repeated("picture.right", "Picture: look further right", ["Alt+Shift+ArrowRight"], pan(-1, 0)),
  repeated("picture.up", "Picture: look further up", ["Alt+Shift+ArrowUp"], pan(0, 1)),
  repeated("picture.down", "Picture: look further down", ["Alt+Shift+ArrowDown"], pan(0, -1)),
  camera("picture.brighter", "Picture brighter", ["I B"], lighten(LIGHTER, 1)),
  camera("picture.darker", "Picture darker", ["I D"], lighten(1 / LIGHTER, 1)),
  camera("picture.contrast", "Picture: more contrast", ["I C"], lighten(1, LIGHTER)),
  camera("picture.flat", "Picture: less contrast", ["I F"], lighten(1, 1 / LIGHTER)),
  camera("picture.asRecorded", "Picture as recorded", ["I R"], (cameras, view, session) => {
    cameras.looking.asRecorded(view);
    session.announce(say("{name} as recorded", { name: view.stream.camera }));
  }),
  { ...camera("depth.map", "Depth: next colours", ["I M"], nextMap), when: withDepth },
  { ...camera("depth.auto", "Depth: colours over what is seen", ["I A"], spread), when: withDepth },
  camera("strip.wider", "Contact strip: more frames", ["Alt+ArrowUp"], widen(1)),
  camera("strip.narrower", "Contact strip: fewer, larger frames", ["Alt+ArrowDown"], widen(-1)),
  {
    ...camera("strip.camera", "Contact strip: next camera, or all", ["Shift+V"], rows),
    when: several,
  },
  camera(
    "picture.cursor",
    "Cursor in the picture: coordinates and depth",
    ["I I"],
    (cameras, view) => cameras.focus(view.stream.camera),
  ),
  {
    ...camera("mark.point", "Point at it in the picture", ["P"], point),
    group: "Mark",
    undoable: true,
    when: (context) => editable(context) && (ownSelected(context) || picking(context)),
  },
];

const picking = ({ session }: Context) => session.stage.view?.cameras.picking ?? false;

function withDepth({ session }: Context): boolean {
  return session.stage.view?.cameras.acting?.frames?.depth != null;
}

function cycle(cameras: CameraStage, _: CameraView, session: EditorSession): void {
  session.announce(say("Large camera: {name}", { name: cameras.cycle() }));
}

function toggleLayout(cameras: CameraStage, _: CameraView, session: EditorSession): void {
  const mode = cameras.layout.mode === "grid" ? "large" : "grid";
  cameras.change({ ...cameras.layout, mode });
  session.announce(mode === "grid" ? say("Cameras in a grid") : say("One camera large"));
}

function move(by: 1 | -1): Run {
  return (cameras, view, session) => {
    const name = view.stream.camera;
    cameras.change(movedCamera(cameras.layout, name, by));
    const place = cameras.layout.order.indexOf(name) + 1;
    session.announce(say("{name} is number {place}", { name, place }));
  };
}

function pan(x: number, y: number): Run {
  return (cameras, view) => cameras.looking.pan(view, x * PAN, y * PAN);
}

function lighten(brightness: number, contrast: number): Run {
  return (cameras, view, session) => {
    cameras.looking.lighten(view, brightness, contrast);
    const { look } = view;
    const percent = (value: number) => Math.round(value * 100);
    session.announce(
      say("Brightness {brightness} %, contrast {contrast} %", {
        brightness: percent(look.brightness),
        contrast: percent(look.contrast),
      }),
    );
  };
}

function nextMap(cameras: CameraStage, view: CameraView, session: EditorSession): void {
  const at = DEPTH_MAPS.findIndex((each) => each.id === view.look.depth.map);
  const next = DEPTH_MAPS[(at + 1) % DEPTH_MAPS.length]!;
  cameras.looking.colour(view, { map: next.id });
  session.announce(say("Depth in {name}", { name: translated(next.name) }));
}

function spread(cameras: CameraStage, view: CameraView, session: EditorSession): void {
  void cameras.looking.spread(view).then((done) => {
    if (!done) session.announce(say("There are no depth values to spread the colours over"));
  });
}

function widen(by: 1 | -1): Run {
  return (cameras, _, session) => {
    const strip = widened(cameras.layout.strip, by);
    cameras.change({ ...cameras.layout, strip });
    session.announce(say("Contact strip: {radius} frames either side", { radius: strip.radius }));
  };
}

function rows(cameras: CameraStage, _: CameraView, session: EditorSession): void {
  const { layout } = cameras;
  const chosen = nextRows(layout.strip, layout.order, layout.large);
  cameras.change({ ...layout, strip: { ...layout.strip, cameras: chosen } });
  const names = chosen.length > 0 ? chosen.join(", ") : layout.large;
  session.announce(say("Contact strip: {names}", { names }));
}

/** To the label's own frame, and the cursor into the picture: arrows or a click say where. */
function point(cameras: CameraStage, view: CameraView, session: EditorSession): void {
  if (cameras.picking) {
    cameras.left(view);
    return;
  }
  const label = session.primary();
  if (label?.start_ns != null) session.jumpTo(null, label.start_ns);
  cameras.pick(true);
  cameras.focus(view.stream.camera);
}
