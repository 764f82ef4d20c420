/** The editor without its panels: labels, lanes and cameras, and how long they keep the page busy. */
import { Scope } from "../../../frontend/timeline/src/clock/scope";
import { StageView } from "../../../frontend/timeline/src/chrome/stageview";
import { EditorSession } from "../../../frontend/timeline/src/chrome/session";
import { Transport } from "../../../frontend/timeline/src/chrome/transport";
import "../../../frontend/timeline/src/chrome/styles/index.css";
import { openEpisode } from "../../../frontend/timeline/src/decode/episode";
import { moveEdge, newLabel } from "../../../frontend/timeline/src/model/edits";
import { FrameGrid } from "../../../frontend/timeline/src/model/frames";
import type { Label } from "../../../frontend/timeline/src/model/label";
import { classOf, type LabelSchema } from "../../../frontend/timeline/src/model/schema";
import { History } from "../../../frontend/timeline/src/model/history";
import { Timeline } from "../../../frontend/timeline/src/model/timeline";
import type { EditorPayload, SignalInfo } from "../../../frontend/timeline/src/net/payload";
import { SignalSource, Tile } from "../../../frontend/timeline/src/stage/signals";
import { panBy, showRange, zoomAt } from "../../../frontend/timeline/src/stage/viewport";

type Given = Pick<EditorPayload, "streams" | "signals" | "schema"> & { durationNs: number };

const S = 1_000_000_000;

/** Contacts, instructions without a gap, and failures, spread over the recording. */
function labelsOf(schema: LabelSchema, count: number, durationNs: number): Label[] {
  const frame = S / 50;
  const at = (share: number) => Math.round((share * durationNs) / frame) * frame;
  const known = (id: string) => classOf(schema, id)!;
  const segments = Math.floor(count / 2);
  const instants = count - segments - Math.floor(count / 20);
  const made: Label[] = [];
  for (let i = 0; i < segments; i += 1) {
    const text = `move the red block to place ${i}`;
    const time = { start_ns: at(i / segments), end_ns: at((i + 1) / segments) };
    made.push(newLabel(`s${i}`, known("instruction"), { ...time, text }));
  }
  const contacts = ["first_contact", "grasp_closed", "lift_off", "release", "impact"];
  for (let i = 0; i < instants; i += 1) {
    const label = known(contacts[i % contacts.length]!);
    const effector = label.requires_effector ? "right" : "";
    made.push(newLabel(`i${i}`, label, { start_ns: at((i + 0.4) / instants), effector }));
  }
  for (let i = made.length; i < count; i += 1) {
    const start = (i - segments - instants) / (count - segments - instants);
    const time = { start_ns: at(start), end_ns: at(start + 0.2 / count) + frame };
    made.push(newLabel(`f${i}`, known("failure"), time));
  }
  return made;
}

function payloadOf({ streams, signals, schema, durationNs }: Given, labels: Label[]) {
  const set = { id: "set", name: "Ada", role: "annotator", state: "draft", revision: 1 };
  return {
    mode: "annotate",
    project: { id: 1, name: "Bench" },
    episode: {
      id: "e",
      key: "episode_0",
      task: "",
      goals: [],
      objects: [],
      names: [],
      phrases: [],
      duration_ns: durationNs,
      rate: [50, 1],
      embodiment: "bench",
    },
    progress: null,
    streams,
    signals,
    schema,
    sets: [{ ...set, editable: true, labels, round: 1 }],
    returned: null,
    urls: { save: "", submit: "", heartbeat: "", release: "", queue: "" },
    lease: null,
    user: { id: 1, name: "Ada", preferences: { version: 0, values: {} }, preferences_url: "" },
    vocabulary: [],
  } satisfies EditorPayload as EditorPayload;
}

const scope = new Scope();
let session: EditorSession;
let view: StageView;

function open(given: Given, count: number): void {
  localStorage.clear();
  const labels = labelsOf(given.schema, count, given.durationNs);
  const transport = new Transport(given.durationNs, scope);
  session = new EditorSession(payloadOf(given, labels), transport, labels);
  const place = (id: string) => document.getElementById(id)!;
  const places = { cameras: place("cameras"), strip: place("strip"), lanes: place("lanes") };
  view = new StageView(places, session, scope, localStorage);
  session.stage.view = view;
  // React would ask for it after each change.
  session.subscribe(() => session.snapshot());
}

async function openCameras(): Promise<void> {
  const episode = await openEpisode(session.payload.streams, { signal: scope.signal });
  session.grid = new FrameGrid(episode.reference.timesNs, session.durationNs);
  view.cameras.open(episode);
  session.transport.open(episode);
}

const rest = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const nextFrame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));

/**
 * How long the page is busy for each animation frame: from the frame's beginning until the first
 * task after it, which is when callbacks, style, layout and painting are done.
 */
async function watchFrames(ms: number, each: (share: number) => void = () => {}): Promise<number[]> {
  const busy: number[] = [];
  const channel = new MessageChannel();
  const start = performance.now();
  let began = 0;
  let done: () => void = () => {};
  channel.port1.onmessage = () => {
    busy.push(performance.now() - began);
    done();
  };
  for (;;) {
    await nextFrame();
    // Runs in a microtask after the first callback of the frame; the others are still to come.
    began = performance.now();
    const share = (began - start) / ms;
    if (share >= 1) break;
    const handled = new Promise<void>((resolve) => {
      done = resolve;
    });
    each(share);
    channel.port2.postMessage(null);
    await handled;
  }
  channel.port1.close();
  return busy;
}

async function settle(): Promise<void> {
  session.transport.seek(0);
  await rest(1500);
}

async function play(ms: number) {
  session.transport.toggle();
  await rest(300);
  const from = session.transport.timeNs;
  const start = performance.now();
  const busy = await watchFrames(ms);
  const speed = (session.transport.timeNs - from) / ((performance.now() - start) * 1e6);
  session.transport.pause();
  const lanes = view.timeline.signals.choice.groups.length;
  return { busy, frames: busy.length, speed, lanes };
}

// A recording of an hour.

const TILE_ROWS = 4096;

function openHour(signal: SignalInfo): void {
  const dims = signal.dimensions.length;
  const levels: { rows: number; starts_ns: number[] }[] = [];
  for (let rows = signal.samples, span = 1; ; rows = Math.ceil(rows / 8), span *= 8) {
    const tiles = Math.ceil(rows / TILE_ROWS);
    const starts_ns = Array.from({ length: tiles }, (_, i) => i * TILE_ROWS * span * 1_000_000);
    levels.push({ rows, starts_ns });
    if (tiles === 1) break;
  }
  const worker = new Worker(new URL("./tiles.worker.ts", import.meta.url), { type: "module" });
  const asked = new Set<string>();
  const want = (level: number, number: number) => {
    const key = `${level}/${number}`;
    if (asked.has(key)) return;
    asked.add(key);
    worker.postMessage({ level, number, rows: levels[level]!.rows, dims });
  };
  worker.onmessage = ({ data }) => {
    const { level, number } = data.wanted;
    asked.delete(`${level}/${number}`);
    view.timeline.signals.addTile(signal.id, number, Tile.parse(data.buffer));
  };
  view.timeline.signals.setSource(signal.id, new SignalSource({ dimensions: dims, tile_rows: TILE_ROWS, levels }, want));
  want(levels.length - 1, 0);
}

const PANS = { "10 s": 10 * S, "2 min": 120 * S, "all": 3_700 * S } as const;

/** So much of the hour on the screen; all of it when not said. */
async function show(shown?: keyof typeof PANS): Promise<void> {
  const { timeline } = view;
  const [middle, half] = [session.durationNs / 2, PANS[shown ?? "all"] / 2];
  timeline.setView(showRange(timeline.view, middle - half, middle + half));
  await rest(1500);
}

/** A drag of the lanes to and fro, a frame at a time. */
async function pan(ms: number) {
  const { timeline } = view;
  return watchFrames(ms, (share) => {
    const span = timeline.view.toNs - timeline.view.fromNs;
    timeline.setView(panBy(timeline.view, Math.cos(share * 4 * Math.PI) * span * 0.02));
  });
}

/** The wheel over the middle, in and out again. */
async function zoom(ms: number) {
  const { timeline } = view;
  return watchFrames(ms, (share) => {
    const factor = share < 0.5 ? 1.06 : 1 / 1.06;
    timeline.setView(zoomAt(timeline.view, session.durationNs / 2, factor));
  });
}

async function hover(ms: number) {
  const { timeline } = view;
  return watchFrames(ms, (share) => timeline.hover.set(share * session.durationNs));
}

// Commands.

interface Times {
  add: number[];
  drag: number[];
  undo: number[];
}

const timed = (run: () => void): number => {
  const start = performance.now();
  run();
  return performance.now() - start;
};

/** Each command with all that follows from it before the page is drawn: history, rules, snapshot. */
async function commands(repeats: number): Promise<Times> {
  const times: Times = { add: [], drag: [], undo: [] };
  const contact = classOf(session.schema, "first_contact")!;
  for (let i = 0; i < repeats; i += 1) {
    const at = session.grid.timeOf(((i * 7919) % session.grid.count) | 0);
    const label = newLabel(`new${i}`, contact, { start_ns: at, effector: "right" });
    times.add.push(timed(() => session.perform("Mark", { put: [label], remove: [] }, label.id)));
    await nextFrame();
    session.beginDrag({ labelId: `s${(i * 13) % 900}`, part: "end" });
    const end = session.history.timeline.get(`s${(i * 13) % 900}`)!.end_ns!;
    for (let step = 1; step <= 5; step += 1) {
      const to = end + step * 20_000_000;
      times.drag.push(timed(() => session.drag(to, 5_000_000, false)));
      await nextFrame();
    }
    session.endDrag();
    times.undo.push(timed(() => session.undo()));
    times.undo.push(timed(() => session.undo()));
    await nextFrame();
  }
  return times;
}

/** The labels and their history alone. */
function model(repeats: number): Times {
  const times: Times = { add: [], drag: [], undo: [] };
  const contact = classOf(session.schema, "first_contact")!;
  const history = new History(Timeline.of(session.history.timeline.labels));
  for (let i = 0; i < repeats; i += 1) {
    const label = newLabel(`m${i}`, contact, { start_ns: i * 20_000_000, effector: "right" });
    times.add.push(timed(() => history.perform("Mark", { put: [label], remove: [] })));
    const id = `s${(i * 13) % 900}`;
    history.begin("Move");
    const end = history.timeline.get(id)!.end_ns! + 20_000_000;
    const move = () => moveEdge(history.committed, id, "end", end, session.field);
    times.drag.push(timed(() => history.preview(move()!)));
    history.commit();
    times.undo.push(timed(() => history.undo()));
    times.undo.push(timed(() => history.undo()));
  }
  return times;
}

const bench = { open, openCameras, settle, play, openHour, show, pan, zoom, hover, commands, model };

declare global {
  interface Window {
    editorBench: typeof bench;
  }
}

window.editorBench = bench;
