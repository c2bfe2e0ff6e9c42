/** A day a second: what goes faster leaves reconcilers no time between two deadlines. */
const MAX_RATE = 86_400;

/** What a setting of that name is, for an operator who gave it something else. */
export const CLOCK_RATE_SYNTAX = `a number from 0 to ${MAX_RATE}`;

export const isClockRate = (rate: number): boolean => rate >= 0 && rate <= MAX_RATE;

/** How fast a cluster's time goes, `60` or `0.5`; undefined when it is no such setting. */
export function parseClockRate(text: string): number | undefined {
  return /^\d+(\.\d+)?$/.test(text) && isClockRate(Number(text)) ? Number(text) : undefined;
}
