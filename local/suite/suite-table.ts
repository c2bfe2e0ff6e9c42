import { laidOut, type Row } from '../columns.ts';
import type { Case } from '../junit.ts';
import { styled, type Terminal } from '../terminal.ts';

/** What came of a suite, for people: what is not well last. */
export function suiteLines(cases: readonly Case[], terminal: Terminal): string[] {
  const [well, failed] = [cases.filter(({ failure }) => failure === undefined), cases.filter(({ failure }) => failure !== undefined)];
  const rows = [...well, ...failed].map(({ group, name, failure = '' }): Row => [failure ? '✘' : '✔', group, name, failure]);
  const style = (line: string, row: number) => styled(terminal, row < well.length ? 'green' : 'red', line);
  const verdict = failed.length > 0 ? `${failed.length} of ${cases.length} are not as they should be.` : `All ${cases.length} are as they should be.`;
  return [...laidOut(rows, { columns: terminal.columns, style }), '', styled(terminal, 'bold', verdict)];
}
