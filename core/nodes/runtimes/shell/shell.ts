import type { Surroundings } from '../../surroundings.ts';
import type { Budget } from './budget.ts';
import type { Files } from './files.ts';
import type { Answer, Value } from './programs.ts';
import type { Scope } from './scope.ts';
import type { Sink } from './sink.ts';
import type { Command, List } from './syntax.ts';

/** What a command ends with; undefined: that cannot be told. */
export type Status = number | undefined;

/** What a script runs in. */
export interface Setting {
  readonly environment: ReadonlyMap<string, Value>;
  readonly files: Files;
  readonly surroundings: Surroundings;
  readonly directory?: string;
  /** When it starts; 0 for a container's own command. */
  readonly time?: number;
  /** It is sent SIGTERM at this time. */
  readonly signalledAt?: number;
  /** Whether a program is known not to be there. */
  readonly missing?: (program: string) => boolean;
  /** Does what some programs do besides those of a small system. Undefined: it is none of them. `input` undefined: what it reads is not known. */
  readonly program?: (argv: readonly Value[], time: number, input: Value) => Answer | undefined;
  /** How often programs have done something that is to be done each time: a round in which they do is not like the one before. */
  readonly done?: () => number;
  /** Told of each program that is not known. */
  readonly stranger?: () => void;
  /** One that it shares with others. */
  readonly budget?: Budget;
}

/** Where a command stands. */
export interface Context {
  readonly out: Sink;
  /** What it reads; undefined: what that is is not known. */
  readonly input?: Value;
  readonly piped?: boolean;
  /** Nothing comes after it. */
  readonly tail?: boolean;
  /** Its status is looked at. */
  readonly tested?: boolean;
}

/** What the parts of the interpreter have of it. */
export interface Shell {
  readonly setting: Setting;
  readonly files: Files;
  readonly surroundings: Surroundings;
  /** What it has written, standard error among it. */
  readonly log: Sink;
  time: number;
  /** Whether the signal that it was sent has been taken. */
  readonly signalled: boolean;
  /** When all that runs in the background has ended. */
  readonly background: number;
  /** Reads a text that a script runs. */
  read(text: string): List;
  /** Accounts for so many characters that are made or compared. More than there may be, and what comes then cannot be told. */
  spend(characters: number): void;
  /** What a subshell begins with. `shared`: for one command, whose functions and traps are its shell's. */
  copy(scope: Scope, options?: { shared?: boolean }): Scope;
  /** Runs what another command runs, which goes only so deep. */
  nested<T>(run: () => T): T;
  list(list: List, scope: Scope, context: Context): Status;
  command(command: Command, scope: Scope, context: Context): Status;
  /** Runs a part that ends where it exits or returns. */
  subshell(run: () => Status): Status;
  /** The output of commands, without the newlines at its end. */
  output(list: List, scope: Scope): Value;
  /** What comes now cannot be told. */
  unknown(): never;
}
