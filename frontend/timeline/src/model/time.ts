/** Integer nanoseconds on the episode clock. Exact in a number below 2^53 (104 days). */
export type Ns = number;

export const NS_PER_SECOND = 1_000_000_000;
