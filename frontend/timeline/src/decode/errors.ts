/** Why a frame cannot be shown, in words for the person at the editor and a kind for the code. */
export type FrameErrorKind =
  | "network"
  | "forbidden"
  | "missing"
  | "server"
  | "index"
  | "unsupported"
  | "decoder"
  | "packs"
  | "closed";

const REMEDIES: Record<FrameErrorKind, string> = {
  network: "Check the connection; the picture comes back by itself when it is there again.",
  forbidden: "Log in again, or ask a manager for access to this project.",
  missing: "Ask an operator to import the episode again.",
  server: "Try again in a minute; if it stays, tell an operator.",
  index: "Ask an operator to index this stream again.",
  unsupported: "Open the editor in a current Chromium, Firefox or Safari over https.",
  decoder: "Reload the page; if it stays, tell an operator which episode it is.",
  packs: "Try again in a minute; the pictures are made in the background.",
  closed: "Open the episode again.",
};

export interface FrameErrorRecord {
  readonly kind: FrameErrorKind;
  readonly message: string;
  readonly status: number | null;
}

export class FrameError extends Error {
  readonly kind: FrameErrorKind;
  /** The HTTP status, where there was an answer. */
  readonly status: number | null;

  constructor(kind: FrameErrorKind, message: string, status: number | null = null) {
    super(message);
    this.name = "FrameError";
    this.kind = kind;
    this.status = status;
  }

  get remedy(): string {
    return REMEDIES[this.kind];
  }

  /** Plain data, for the way out of a worker: structured cloning drops an error's own fields. */
  get record(): FrameErrorRecord {
    return { kind: this.kind, message: this.message, status: this.status };
  }

  static from(record: FrameErrorRecord): FrameError {
    return new FrameError(record.kind, record.message, record.status);
  }

  /** Any thrown value as a FrameError, keeping one that is already. */
  static wrap(cause: unknown, kind: FrameErrorKind): FrameError {
    if (cause instanceof FrameError) return cause;
    return new FrameError(kind, cause instanceof Error ? cause.message : String(cause));
  }
}
