import { CostLimitExceeded } from '../cost-limit.ts';

// Kubernetes counts what a call has cost once it is done, and by what it is given: `text.replace('', text)` is paid for as `text` is, whatever comes of it, and a list that holds
// one list twice, which does so too, is paid for as one of two elements. What no evaluation could go on with is not made.

/** Of a text. A request has three million. */
const MOST_CHARACTERS = 2 ** 24;

/** Of a list, with all that is in its elements. */
const MOST_ELEMENTS = 2 ** 22;

/** Ends the evaluation, as one that costs too much, when a text comes out longer than any may be. */
export function boundText(length: number): void {
  if (length > MOST_CHARACTERS) throw new CostLimitExceeded();
}

/** The same when more elements are looked at than a list may have. */
export function boundElements(count: number): void {
  if (count > MOST_ELEMENTS) throw new CostLimitExceeded();
}
