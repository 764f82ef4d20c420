import type { EncodedRows } from "./blocks";
import type { DepthPicture } from "./depthcolour";
import type { RowTable } from "./index";
import { decodePng16, isPng16 } from "./png16";

/** The values of a depth picture, apart from the decoder; null for any other, and when it fails. */
export async function readDepth(
  rows: EncodedRows,
  table: RowTable,
  position: number,
): Promise<DepthPicture | null> {
  const row = table.order[position];
  if (row === undefined) return null;
  try {
    await rows.need(row, row + 1);
    const chunk = rows.chunk(row);
    return chunk && isPng16(chunk) ? { position, ...(await decodePng16(chunk.slice())) } : null;
  } catch {
    // The camera tells why its pictures do not come; there is no value to show meanwhile.
    return null;
  }
}
