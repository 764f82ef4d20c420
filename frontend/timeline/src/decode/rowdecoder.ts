import type { DepthLook } from "./depthcolour";
import type { RowTable } from "./index";
import { type Colouring, type Decoder, PICTURE_TYPES, PictureDecoder } from "./picturefiles";

/** Timestamps are ranks times this: decoders that round to their own clock still give the rank back. */
const RANK_US = 1000;

export interface DecoderConfig {
  readonly codec: string;
  readonly description: Uint8Array | null;
  readonly width: number;
  readonly height: number;
  /** Of a depth camera: how it is coloured. */
  readonly depth: DepthLook | null;
}

export function videoDecoderConfig(config: DecoderConfig): VideoDecoderConfig {
  const result: VideoDecoderConfig = {
    codec: config.codec,
    codedWidth: config.width,
    codedHeight: config.height,
    hardwareAcceleration: "no-preference",
    // Without it a decoder holds frames back to work on several at once, and every seek needs a flush.
    optimizeForLatency: true,
  };
  if (config.description) result.description = config.description;
  return result;
}

export interface DecoderEvents {
  /** The frame is the receiver's to close. */
  readonly output: (row: number, frame: VideoFrame) => void;
  readonly error: (cause: Error) => void;
  /** Room in the queue. */
  readonly dequeue: () => void;
}

export type MakeDecoder = (init: VideoDecoderInit) => Decoder;

const VIRIDIS: DepthLook = { map: "viridis", range: null };

/** What makes a stream's decoders; those of picture files colour depth as `colouring` says. */
export function decoderFor({ codec, depth }: DecoderConfig, colouring?: Colouring): MakeDecoder {
  const own = colouring ?? { look: depth ?? VIRIDIS };
  if (codec in PICTURE_TYPES) return (init) => new PictureDecoder(init, own);
  return (init) => new VideoDecoder(init);
}

/** One decoder fed by rows: knows from which row it may go on without a new key frame. */
export class RowDecoder {
  /** The row that may be fed next without a key frame; -1 when only a key frame may. */
  nextRow = -1;
  /** The key frame the present run began with. */
  startedAt = -1;
  flushes = 0;
  /** Rows fed whose pictures have not come out. */
  readonly pending = new Set<number>();
  private readonly decoder: Decoder;

  constructor(
    private readonly table: RowTable,
    config: DecoderConfig,
    events: DecoderEvents,
    make: MakeDecoder = decoderFor(config),
  ) {
    this.decoder = make({
      output: (frame) => {
        const row = table.rowOfRank[Math.round(frame.timestamp / RANK_US) - 1];
        if (row === undefined) return frame.close();
        this.pending.delete(row);
        events.output(row, frame);
      },
      error: events.error,
    });
    this.decoder.ondequeue = () => events.dequeue();
    this.decoder.configure(videoDecoderConfig(config));
  }

  get queued(): number {
    return this.decoder.decodeQueueSize;
  }

  /** Whether a row can be reached by feeding on from here instead of from its key frame. */
  continuesTo(row: number): boolean {
    const start = this.table.startRow[row]!;
    return (
      this.nextRow >= 0 && this.startedAt <= start && this.nextRow > start && this.nextRow <= row
    );
  }

  /** Feed a row; the first one after a flush, and any jump, has to be a key frame. */
  feed(row: number, data: Uint8Array): void {
    const key = this.table.key[row] === 1;
    if (key && row !== this.nextRow) this.startedAt = row;
    if (!key && row !== this.nextRow) throw new Error(`row ${row} needs its key frame first`);
    this.pending.add(row);
    const timestamp = (this.table.rank[row]! + 1) * RANK_US;
    this.decoder.decode(new EncodedVideoChunk({ type: key ? "key" : "delta", timestamp, data }));
    this.nextRow = row + 1;
  }

  /** Push out every frame held back; gives the rows that never came out. Only a key frame may follow. */
  async flush(): Promise<number[]> {
    this.flushes += 1;
    this.nextRow = -1;
    const held = [...this.pending];
    await this.decoder.flush();
    return held.filter((row) => this.pending.delete(row));
  }

  close(): void {
    this.decoder.ondequeue = null;
    if (this.decoder.state !== "closed") this.decoder.close();
  }
}
