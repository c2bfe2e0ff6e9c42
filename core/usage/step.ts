/** How often usage is measured, in ms: metrics-server's `--metric-resolution`, and the window of what it tells. */
export const STEP = 15_000;
