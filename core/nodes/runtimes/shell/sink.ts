import { MOST_OUTPUT } from './budget.ts';
import type { Value } from './programs.ts';

/** What commands write. Of what is longer only the end is known. */
export class Sink {
  text: Value = '';
  /** The last of it. */
  end: Value = '';

  /** One to which something is appended. */
  static after({ text, end }: { readonly text: Value; readonly end?: Value }): Sink {
    const sink = new Sink();
    sink.text = text;
    sink.end = text ?? end;
    return sink;
  }

  write(text: Value): void {
    const all = text === undefined || this.end === undefined ? undefined : this.end + text;
    this.end = all?.slice(-MOST_OUTPUT);
    this.text = this.text === undefined || all === undefined || all.length > MOST_OUTPUT ? undefined : all;
  }
}
