import { colourDepth, type DepthLook, depthRange } from "./depthcolour";
import { decodePng16, isPng16 } from "./png16";

/** The part of WebCodecs' VideoDecoder that is used here; `PictureDecoder` is another of its kind. */
export interface Decoder {
  readonly decodeQueueSize: number;
  readonly state: CodecState;
  ondequeue: ((event: Event) => void) | null;
  configure(config: VideoDecoderConfig): void;
  decode(chunk: EncodedVideoChunk): void;
  flush(): Promise<void>;
  close(): void;
}

/** Streams whose frames are picture files: each decodes alone, as an image. */
export const PICTURE_TYPES: Readonly<Record<string, string>> = {
  jpeg: "image/jpeg",
  png: "image/png",
};

/** A depth camera's colours: its decoder fills in the range when nobody else has. */
export interface Colouring {
  look: DepthLook;
}

/** Decodes picture files in the order they come, one at a time; 16-bit ones are depth, in colours. */
export class PictureDecoder implements Decoder {
  decodeQueueSize = 0;
  ondequeue: ((event: Event) => void) | null = null;
  state: CodecState = "unconfigured";
  private type = "";
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly init: VideoDecoderInit,
    private readonly colouring: Colouring,
  ) {}

  configure({ codec }: VideoDecoderConfig): void {
    this.type = PICTURE_TYPES[codec] ?? "";
    this.state = "configured";
  }

  decode(chunk: EncodedVideoChunk): void {
    const data = new Uint8Array(chunk.byteLength);
    chunk.copyTo(data);
    this.decodeQueueSize += 1;
    this.last = this.last.then(() => this.put(data, chunk.timestamp));
  }

  async flush(): Promise<void> {
    await this.last;
  }

  close(): void {
    this.state = "closed";
  }

  private async put(data: Uint8Array<ArrayBuffer>, timestamp: number): Promise<void> {
    if (this.state === "closed") return;
    try {
      const frame = await this.picture(data, timestamp);
      this.decodeQueueSize -= 1;
      // It may have been closed meanwhile.
      if ((this.state as CodecState) === "closed") frame.close();
      else this.init.output(frame);
      this.ondequeue?.(new Event("dequeue"));
    } catch (cause) {
      if ((this.state as CodecState) === "closed") return;
      this.close();
      this.init.error(cause instanceof DOMException ? cause : new DOMException(String(cause)));
    }
  }

  private async picture(data: Uint8Array<ArrayBuffer>, timestamp: number): Promise<VideoFrame> {
    if (isPng16(data)) {
      const { width, height, values } = await decodePng16(data);
      // One range for all pictures, so that a colour keeps its meaning.
      const { map, range } = this.colouring.look;
      const used = range ?? depthRange(values);
      this.colouring.look = { map, range: used };
      const rgba = colourDepth(values, used, map);
      return new VideoFrame(rgba, {
        format: "RGBA",
        codedWidth: width,
        codedHeight: height,
        timestamp,
      });
    }
    const bitmap = await createImageBitmap(new Blob([data], { type: this.type }));
    try {
      return new VideoFrame(bitmap, { timestamp });
    } finally {
      bitmap.close();
    }
  }
}
