import { styleText } from 'node:util';

/** Where a verb is run: what it reads, and where it prints to. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** How wide what is printed may be; undefined: as wide as it is, for what is no terminal. */
  readonly columns: number | undefined;
  readonly colours: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Run as `kubectl logplane`. */
  readonly isPlugin: boolean;
  /** Asks a question that is answered with yes or no; undefined: nobody is there to answer. */
  readonly confirm?: ((question: string) => Promise<boolean>) | undefined;
  /** Aborts, with `Interrupted`, when the user wants it to end (Ctrl-C), which does not end the process then. Undefined: it does. */
  readonly interrupted?: (() => AbortSignal) | undefined;
  /** What it ends with, unless something goes wrong. */
  exitCode: number;
}

/** The user has ended it (Ctrl-C). */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  override readonly message: string = 'interrupted';
}

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** A text in a colour, where there are colours. */
export const styled = ({ colours }: Pick<Terminal, 'colours'>, style: Style, text: string): string =>
  colours ? styleText(style, text, { validateStream: false }) : text;

/** What others wrote into a cluster does not command the terminal of whoever reads it. */
export const harmless = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, (char) => (char === '\n' || char === '\t' ? ' ' : '\uFFFD'));

/** Whether a stream shows colours (https://no-color.org, https://force-color.org). */
export function hasColours(stream: { readonly isTTY?: boolean }, env: Terminal['env']): boolean {
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR']) return env['FORCE_COLOR'] !== '0';
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

/** Styles the first row of a table, its heading. */
export const heading =
  (terminal: Pick<Terminal, 'colours'>) =>
  (line: string, row: number): string =>
    row === 0 ? styled(terminal, 'bold', line) : line;
