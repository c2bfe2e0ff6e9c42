import type { Value } from './programs.ts';

export const MOST_OUTPUT = 8 * 1024;

/** A text that grows up to a length, of which the end is kept. */
export class Sink {
  text: Value = '';
  write(text: Value): void {
    if (text === undefined) this.text = undefined;
    else if (this.text !== undefined) this.text = (this.text + text).slice(-MOST_OUTPUT);
  }
}
