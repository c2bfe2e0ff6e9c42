/** What a script comes to. Times in ms since its container's start. */
export type Ending =
  | { readonly type: 'exits'; readonly afterMs: number; readonly exitCode: number }
  | { readonly type: 'forever' }
  /** A program that is not known here takes over. */
  | { readonly type: 'program'; readonly afterMs: number; readonly argv: readonly string[] }
  /** What comes then cannot be told. */
  | { readonly type: 'unknown'; readonly afterMs: number };

/** Thrown by what ends a script as a whole. */
export class Stop {
  readonly ending: Ending;
  constructor(ending: Ending) {
    this.ending = ending;
  }
}

/** Thrown by what leaves a part of a script: `exit 3`, `return`, `break 2`. */
export class Leave {
  readonly how: 'exit' | 'return' | 'break' | 'continue';
  readonly value: number;
  constructor(how: Leave['how'], value: number) {
    this.how = how;
    this.value = value;
  }
}

type LeavesShell = Leave & { readonly how: 'exit' | 'return' };

/** Whether a subshell or a function ends with it. */
export const leavesShell = (thrown: unknown): thrown is LeavesShell => thrown instanceof Leave && (thrown.how === 'exit' || thrown.how === 'return');
