/** How long what is measured stays as it is, in ms: curves and expressions of time are evaluated once a minute, which is as close as anything follows them. */
export const SAMPLE = 60_000;

/** The time that a measurement is taken over, in ms: metrics-server's `--metric-resolution`. */
export const WINDOW = 15_000;
