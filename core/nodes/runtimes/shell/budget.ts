/** The longest text that is read as a script. What is longer does more than can be told here, and would take long to read. */
export const LONGEST_SCRIPT = 16 * 1024;

/** How much is kept of what is written. */
export const MOST_OUTPUT = 16 * 1024;

const MOST_STEPS = 5_000;
const MOST_CHARACTERS = 2_000_000;
const MOST_DEPTH = 100;

/** What scripts may cost together: in commands, in characters that are made or compared, and in how deep they call each other. */
export class Budget {
  #steps = MOST_STEPS;
  #characters = MOST_CHARACTERS;
  #depth = 0;

  /** Whether there is a command left, and so many characters. */
  spend({ steps = 0, characters = 0 }: { steps?: number; characters?: number }): boolean {
    this.#steps -= steps;
    this.#characters -= characters;
    return this.#steps >= 0 && this.#characters >= 0;
  }

  /** Runs what stands within something else, or what is to be done where that is too deep. */
  nested<T>(run: () => T, tooDeep: () => T): T {
    if (this.#depth >= MOST_DEPTH) return tooDeep();
    this.#depth++;
    try {
      return run();
    } finally {
      this.#depth--;
    }
  }
}
