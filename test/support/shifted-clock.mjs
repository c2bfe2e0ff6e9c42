import { readFileSync } from 'node:fs';

/**
 * For `node --import shifted-clock.mjs?file=FILE`: the wall clock of that process is off by as many milliseconds as FILE says, also when that changes
 * while it runs. Monotonic time (`performance`, timers) goes as ever.
 */
const file = new URL(import.meta.url).searchParams.get('file');
const RealDate = Date;
const now = () => RealDate.now() + Number(readFileSync(file, 'utf8'));

globalThis.Date = class ShiftedDate extends RealDate {
  constructor(...args) {
    super(...(args.length === 0 ? [now()] : args));
  }

  static now() {
    return now();
  }
};
