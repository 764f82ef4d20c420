import { BLOCK_ROWS, type EncodedRows } from "./blocks";
import type { RowTable } from "./index";
import { blocksAround, blocksOutward } from "./jobs";
import type { FrameOutlet } from "./outlet";

/** Encoded blocks fetched while nothing more urgent is asked for, so that seeks wait for no bytes. */
export class Stock {
  private token = 0;
  private key = "";
  private resting = false;

  constructor(
    private readonly table: RowTable,
    private readonly rows: EncodedRows,
    private readonly outlet: Pick<FrameOutlet, "window" | "seek" | "closed">,
  ) {}

  /** Hold the blocks around the playhead, one background request at a time. */
  around(): void {
    const { table } = this;
    const { window } = this.outlet;
    if (!window) return;
    const blocks = blocksAround(table.order[window.centre]!, table.size.length, window.rate);
    const key = blocks.join();
    if (key === this.key) return;
    this.key = key;
    this.token += 1;
    const { token } = this;
    const run = async () => {
      for (const block of blocks) {
        if (token !== this.token) return;
        await this.fetch(block);
      }
    };
    run().catch(() => {
      if (token === this.token) this.key = "";
    });
  }

  /** An episode that fits is fetched whole by and by: scrubbing then waits for no bytes. */
  async rest(): Promise<void> {
    const { table } = this;
    const { window } = this.outlet;
    if (this.resting || !window || !this.rows.mayBeWhole) return;
    this.resting = true;
    const at = table.order[window.centre]!;
    try {
      for (const block of blocksOutward(at, table.size.length)) {
        if (this.outlet.closed || this.outlet.seek !== null) break;
        await this.fetch(block);
      }
    } catch {
      // Given up for something more urgent, or the network is gone: begun again at the next rest.
    } finally {
      this.resting = false;
    }
  }

  /** What is fetched around the playhead is not gone on with. */
  end(): void {
    this.token += 1;
  }

  private fetch(block: number): Promise<boolean> {
    return this.rows.prefetch(block * BLOCK_ROWS, (block + 1) * BLOCK_ROWS);
  }
}
