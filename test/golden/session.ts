import { readFileSync } from 'node:fs';

/**
 * A recorded session: lines of shell, each behind `$ ` (a line that goes on, such as a here-document, behind `> `), and under each what it
 * prints. Where two versions of a client print different things, both stand there, each under a line that names its version.
 */
export interface Step {
  readonly line: string;
  /** By version of the client; '' is what every other version prints. */
  readonly output: Readonly<Record<string, string>>;
}

export function readSession(file: string): Step[] {
  const steps: Step[] = [];
  let command: string[] = [];
  let output: Record<string, string[]> = { '': [] };
  let version = '';
  const end = () => {
    if (command.length > 0) steps.push({ line: command.join('\n'), output: mapValues(output, (lines) => lines.map((line) => `${line}\n`).join('')) });
  };
  for (const line of readFileSync(file, 'utf8').replace(/\n$/, '').split('\n')) {
    if (line.startsWith('$ ')) {
      end();
      [command, output, version] = [[line.slice(2)], { '': [] }, ''];
    } else if (line.startsWith('> ') && output['']!.length === 0) {
      command.push(line.slice(2));
    } else if (VERSION.test(line)) {
      version = VERSION.exec(line)![1]!;
      output[version] = [];
    } else {
      output[version]!.push(line);
    }
  }
  end();
  return steps;
}

const VERSION = /^-- kubectl 1\.(\d+)$/;

/** What the versions printed, as a session of one file. */
export function writeSession(lines: readonly string[], outputs: Readonly<Record<string, readonly string[]>>): string {
  const versions = Object.keys(outputs);
  return lines
    .map((line, i) => {
      const printed = versions.map((version) => outputs[version]![i]!);
      const agreed = printed.every((text) => text === printed[0]);
      const output = agreed ? printed[0]! : versions.map((version, at) => `-- kubectl 1.${version}\n${printed[at]}`).join('');
      return `$ ${line.replaceAll('\n', '\n> ')}\n${output}`;
    })
    .join('');
}

export const expected = ({ output }: Step, version: number): string => output[version] ?? output['']!;

function mapValues<A, B>(record: Record<string, A>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
