import { BLOCK_ROWS, EncodedRows, type FetchBytes } from "./blocks";
import type { CameraStats } from "./contract";
import type { DepthLook } from "./depthcolour";
import { readDepth } from "./depthreading";
import { FrameError } from "./errors";
import type { RowTable } from "./index";
import { forwardRun, type Job, nextFill, rowsOf } from "./jobs";
import { FrameOutlet, type Post } from "./outlet";
import type { Colouring } from "./picturefiles";
import { inWindow, type RingWindow, type StripLook } from "./protocol";
import { Pulse } from "./pulse";
import { type DecoderConfig, decoderFor, type MakeDecoder, RowDecoder } from "./rowdecoder";
import { Stock } from "./stock";

/** Chunks handed to the decoder at once for a seek: it is never left waiting for the next one. */
const SEEK_QUEUE = 32;
/** And for pictures nobody waits for yet: a seek has to get in behind them. */
const FILL_QUEUE = 2;
/** While playing no seek comes: the decoder is kept busy also when this thread is seldom run. */
const PLAY_QUEUE = 8;
/** Rows asked for at once while a long group of pictures is decoded. */
const STRETCH = 240;
/** A drained decoder may still be at its last picture; after this it is taken to hold it back. */
const GRACE_MS = 40;
/** Hardware decoders own few pictures: one that stands still for so long waits for them. */
const RELEASE_MS = 500;
/** A decoder that neither takes nor gives anything for so long is stuck. */
const STUCK_MS = 4000;
/** The ring and the blocks around what is shown are filled once nothing else came for so long. */
const IDLE_MS = 40;
/** And later where other cameras come first. */
const YIELD_MS = 160;
/** As many pictures without an error make up for a decoder that had to be set up again. */
const FORGIVEN = 60;

export interface SchedulerOptions {
  readonly table: RowTable;
  readonly config: DecoderConfig;
  readonly fetchBytes: FetchBytes;
  readonly post: Post;
  readonly makeDecoder?: MakeDecoder;
  /** Memory for bytes of video. */
  readonly encodedBytes?: number;
}

/**
 * Decides what one camera's decoder does next: the seek asked for last, then the contact strip, then
 * the pictures around the playhead. Correctness never rests on timing: a picture is known by its row.
 */
export class FrameScheduler {
  private readonly rows: EncodedRows;
  private readonly stock: Stock;
  private readonly outlet: FrameOutlet;
  private readonly colouring: Colouring;
  private decoder: RowDecoder;
  private readonly pulse = new Pulse();
  private fillFrom = 0;
  private idleTimer: ReturnType<typeof setTimeout> | null = null;
  private running = false;
  private decoderError: Error | null = null;
  private failures = 0;
  private goodSince = 0;
  private missed = -1;
  private roomFrom = 0;
  private readonly counts = { reconfigured: 0, flushes: 0 };

  constructor(private readonly options: SchedulerOptions) {
    this.rows = new EncodedRows(options.table, options.fetchBytes, options.encodedBytes);
    this.colouring = { look: options.config.depth ?? { map: "viridis", range: null } };
    this.outlet = new FrameOutlet(options.table, options.post);
    this.stock = new Stock(options.table, this.rows, this.outlet);
    this.decoder = this.newDecoder();
  }

  seekTo(position: number, window: RingWindow): void {
    this.outlet.window = window;
    this.outlet.seek = position;
    this.fillFrom = window.rate === 0 ? Number.POSITIVE_INFINITY : 0;
    this.wake();
  }

  moveWindow(window: RingWindow): void {
    this.outlet.window = window;
    const idle = window.yields ? YIELD_MS : IDLE_MS;
    this.fillFrom = window.rate === 0 ? performance.now() + idle : 0;
    this.wake();
  }

  makeStrip(id: number, positions: readonly number[], look: StripLook): void {
    this.outlet.askStrip(id, positions, look);
    this.fillFrom = Math.min(this.fillFrom, performance.now() + IDLE_MS);
    this.wake();
  }

  /** Fetch the bytes of positions [first, last] without decoding them. */
  prefetch(first: number, last: number): void {
    const { start, end } = rowsOf(this.options.table, { kind: "fill", first, last });
    // A failure shows when the rows are needed.
    if (end >= 0) void this.rows.prefetch(start, end + 1).catch(() => {});
  }

  /** Other colours from here on; the page asks again for what it wants to see in them. */
  recolour(look: DepthLook): void {
    this.colouring.look = look;
    this.outlet.forget();
    this.options.post({ type: "recoloured" });
    this.wake();
  }

  /** Sends the values of a depth picture to the page; null for any other, and when it fails. */
  async depth(id: number, position: number): Promise<void> {
    const { table, post } = this.options;
    const picture = await readDepth(this.rows, table, position);
    post({ type: "depth", id, picture }, picture ? [picture.values.buffer] : []);
  }

  stats(): CameraStats {
    const { bytesFetched: bytes, requests } = this.rows;
    const flushes = this.counts.flushes + this.decoder.flushes;
    const { reconfigured } = this.counts;
    return { path: "webcodecs", bytes, requests, ...this.outlet.counts, reconfigured, flushes };
  }

  close(): void {
    this.outlet.closed = true;
    if (this.idleTimer !== null) clearTimeout(this.idleTimer);
    this.stock.end();
    this.decoder.close();
    this.rows.close();
    this.pulse.beat();
  }

  private newDecoder(): RowDecoder {
    const { table, config } = this.options;
    const makeDecoder = this.options.makeDecoder ?? decoderFor(config, this.colouring);
    const events = {
      output: (row: number, frame: VideoFrame) => this.output(row, frame),
      error: (cause: Error) => {
        this.decoderError = cause;
        this.pulse.beat();
      },
      // Waking for every chunk costs a seek more than the chunk itself.
      dequeue: () => {
        if (this.decoder.queued < this.roomFrom) this.pulse.beat();
      },
    };
    return new RowDecoder(table, config, events, makeDecoder);
  }

  private output(row: number, frame: VideoFrame): void {
    this.goodSince += 1;
    if (this.goodSince > FORGIVEN) this.failures = 0;
    const seeking = this.outlet.seek !== null;
    this.outlet.take(row, frame);
    // Not every browser tells of room in the queue.
    const room = this.decoder.queued < this.roomFrom;
    if (room || !seeking || this.outlet.seek === null) this.pulse.beat();
  }

  private wake(): void {
    this.pulse.beat();
    if (!this.running) void this.run();
  }

  private async run(): Promise<void> {
    this.running = true;
    while (!this.outlet.closed) {
      const job = this.nextJob();
      if (!job) break;
      try {
        await this.perform(job);
      } catch (cause) {
        if (!this.outlet.closed) this.recover(job, cause);
      }
    }
    this.running = false;
  }

  private nextJob(): Job | null {
    const { seek } = this.outlet;
    if (seek !== null) return { kind: "seek", first: seek, last: seek };
    this.outlet.sendLate();
    const wait = this.fillFrom - performance.now();
    if (wait > 0) {
      // After a seek until the page shows it: other cameras may still wait for their bytes.
      if (Number.isFinite(wait)) this.scheduleIdle(wait);
      return null;
    }
    this.stock.around();
    const job = this.stripJob() ?? this.fillJob();
    if (!job) void this.stock.rest();
    return job;
  }

  private scheduleIdle(ms: number): void {
    if (this.idleTimer !== null) clearTimeout(this.idleTimer);
    this.idleTimer = setTimeout(() => {
      this.idleTimer = null;
      this.wake();
    }, ms);
  }

  private stripJob(): Job | null {
    const strip = this.outlet.strip;
    if (!strip || strip.left.size === 0) return null;
    const positions = [...strip.left];
    const wanted = (p: number) => strip.left.has(p);
    const run = forwardRun(Math.min(...positions), Math.max(...positions), wanted);
    return run && { ...run, kind: "strip" };
  }

  private fillJob(): Job | null {
    const { table } = this.options;
    const { window } = this.outlet;
    if (!window) return null;
    const inDecoder = (p: number) => this.decoder.pending.has(table.order[p]!);
    const missing = (p: number) => this.outlet.missing(p);
    const fill = nextFill(table, window, (p) => missing(p) && !inDecoder(p));
    if (fill) return fill;
    const held = nextFill(table, window, (p) => missing(p) && inDecoder(p));
    return held && { ...held, kind: "settle" };
  }

  /** Whether something more urgent has come since the job was chosen. */
  private stale(job: Job): boolean {
    const { closed, seek, strip, window } = this.outlet;
    if (closed) return true;
    if (job.kind === "seek") return seek !== job.first;
    if (seek !== null) return true;
    if (job.kind === "strip") return strip === null;
    return window === null || !inWindow(window, job.first) || !inWindow(window, job.last);
  }

  private async perform(job: Job): Promise<void> {
    this.checkDecoder();
    if (this.unfed(job)) await this.feedJob(job);
    if (job.kind !== "fill") await this.settle(job);
  }

  private checkDecoder(): void {
    if (this.decoderError) throw this.decoderError;
  }

  private unfed(job: Job): boolean {
    for (let p = job.first; p <= job.last; p += 1) {
      if (!this.decoder.pending.has(this.options.table.order[p]!)) return true;
    }
    return false;
  }

  private async feedJob(job: Job): Promise<void> {
    const { table } = this.options;
    const run = rowsOf(table, job);
    const goesOn = this.decoder.continuesTo(run.lowest) && this.decoder.startedAt <= run.start;
    const start = goesOn ? this.decoder.nextRow : run.start;
    for (let row = start; row <= run.end; row += 1) {
      const stretch = row === start || !this.rows.has(row, row + 1) ? STRETCH : 1;
      if (!(await this.bytesCame(job, row, Math.min(run.end + 1, row + stretch)))) return;
      const most = this.queueFor(job);
      while (this.decoder.queued >= most && !this.stale(job)) await this.decoderMoves(most);
      if (this.stale(job)) return;
      // Frames the decoder still holds back belong to the place it leaves.
      if (row === start && !goesOn && table.reorder > 0 && this.decoder.pending.size > 0) {
        this.decoder.flush().catch(() => {});
      }
      const data = this.rows.chunk(row);
      if (data) this.decoder.feed(row, data);
      else row -= 1;
    }
  }

  private queueFor(job: Job): number {
    if (job.kind === "seek") return SEEK_QUEUE;
    return this.outlet.window?.rate ? PLAY_QUEUE : FILL_QUEUE;
  }

  /** Fetch rows unless they are held; false when the job went stale meanwhile. */
  private async bytesCame(job: Job, from: number, to: number): Promise<boolean> {
    if (this.rows.has(from, to)) return true;
    let failure: unknown = null;
    let done = false;
    this.rows.abortPrefetchOutside(from - BLOCK_ROWS, to + 3 * BLOCK_ROWS);
    const finish = (cause: unknown) => {
      failure = cause;
      done = true;
      this.pulse.beat();
    };
    this.rows.need(from, to).then(() => finish(null), finish);
    while (!done && !this.stale(job)) await this.pulse.wait(STUCK_MS);
    if (this.stale(job)) return false;
    if (failure !== null) throw failure;
    return true;
  }

  /** Wait for the queue to fall below a length, or for a picture or an error. */
  private async decoderMoves(queue: number): Promise<void> {
    this.roomFrom = queue;
    const { queued } = this.decoder;
    const { decoded } = this.outlet.counts;
    const woken = await this.pulse.wait(this.outlet.copying ? STUCK_MS : RELEASE_MS);
    this.checkDecoder();
    if (woken || this.outlet.closed) return;
    if (this.decoder.queued < queued || this.outlet.counts.decoded > decoded) return;
    if (this.outlet.copying) throw new FrameError("decoder", "The video decoder is stuck.");
    this.outlet.release();
  }

  /** Until the pictures of a job are out: look-ahead rows first, a flush when they do not help. */
  private async settle(job: Job): Promise<void> {
    let lookahead = this.options.table.reorder;
    while (this.unsettled(job) && !this.stale(job)) {
      if (this.decoder.queued > 0) {
        await this.decoderMoves(1);
        continue;
      }
      const next = this.decoder.nextRow;
      const data = lookahead > 0 && next >= 0 ? this.rows.chunk(next) : null;
      if (data) {
        lookahead -= 1;
        this.decoder.feed(next, data);
      } else if (lookahead > 0 || !(await this.pulse.wait(GRACE_MS))) {
        if (this.unsettled(job) && !this.stale(job)) await this.flush();
        break;
      }
    }
    this.checkDecoder();
    if (job.kind !== "seek" || !this.unsettled(job) || this.stale(job)) return;
    // A stream that does not say how far it reorders teaches its decoder by a picture dropped: the
    // second time it comes out.
    if (this.missed === job.first) {
      throw new FrameError("decoder", `Frame ${job.first} did not come out of the video decoder.`);
    }
    this.missed = job.first;
  }

  private unsettled(job: Job): boolean {
    if (job.kind === "seek") return this.outlet.seek === job.first;
    for (let p = job.first; p <= job.last; p += 1) {
      if (this.decoder.pending.has(this.options.table.order[p]!)) return true;
    }
    return false;
  }

  private async flush(): Promise<void> {
    this.checkDecoder();
    let done = false;
    const finish = () => {
      done = true;
      this.pulse.beat();
    };
    const lost = this.decoder.flush().finally(finish);
    lost.catch(() => {});
    while (!done) await this.decoderMoves(1);
    for (const row of await lost) this.outlet.lose(row);
  }

  /**
   * What failed for want of bytes is told to the page. A decoder that failed is set up again: once for
   * a seek, whose second failure is told; pictures nobody asked for are left out.
   */
  private recover(job: Job, cause: unknown): void {
    const error = FrameError.wrap(cause, "decoder");
    if (error.kind === "decoder") {
      if (job.kind === "seek") this.failures += 1;
      else this.leaveOut(job);
      if (!this.renewDecoder() || this.failures < 2) return;
      this.failures = 0;
    }
    if (job.kind === "seek" && this.outlet.seek === job.first) {
      this.options.post({ type: "failed", position: job.first, error: error.record });
      this.outlet.seek = null;
    }
    if (error.kind === "decoder") return;
    // The ring is filled again when the page next moves it.
    this.outlet.window = null;
    this.outlet.endStrip();
  }

  private leaveOut(job: Job): void {
    const { table } = this.options;
    for (let p = job.first; p <= job.last; p += 1) this.outlet.lose(table.order[p]!);
    for (const row of this.decoder.pending) this.outlet.lose(row);
  }

  private renewDecoder(): boolean {
    this.goodSince = 0;
    this.decoderError = null;
    this.counts.reconfigured += 1;
    this.counts.flushes += this.decoder.flushes;
    this.decoder.close();
    try {
      this.decoder = this.newDecoder();
      return true;
    } catch (cause) {
      const error = FrameError.wrap(cause, "decoder").record;
      this.options.post({ type: "failed", position: null, error });
      this.close();
      return false;
    }
  }
}
