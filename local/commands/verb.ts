import { type Command, InvalidArgumentError, Option } from 'commander';
import { formatYaml } from '../../core/api/codec/yaml.ts';
import type { ApiClient } from '../client/api-client.ts';
import type { ClusterChoice } from '../client/connect.ts';
import type { Terminal } from '../terminal.ts';

/** Adds a verb to the command line. What it runs is loaded when it runs. */
export type Verb = (program: Command, terminal: Terminal) => void;

/** What verbs are for, as the help groups them. */
export const GROUPS = { run: 'Run:', look: 'Look at a cluster:', change: 'Change a cluster:', clusters: 'Clusters and kubeconfigs:', tools: 'Tools:' } as const;

/** Adds the options that say which cluster, as kubectl has them. */
export function ofCluster(command: Command): Command {
  return command
    .option('-n, --namespace <name>', "in which namespace (default: that of the kubeconfig's context)")
    .option('--cluster <name>', 'of which cluster of the host, NAME or NAME@AT (default: that of the context)')
    .option('--context <name>', 'which context of the kubeconfig (default: its current one)')
    .option('-k, --kubeconfig <file>', 'which kubeconfig (default: $KUBECONFIG, .logplane/kubeconfig, ~/.kube/config)');
}

/** The client of the cluster that options choose. */
export async function clientOf(options: ClusterChoice, terminal: Terminal): Promise<ApiClient> {
  const { connect } = await import('../client/connect.ts');
  return connect(options, placesOf(terminal));
}

/** As a plugin of kubectl it looks where kubectl does, and nowhere else. */
export const placesOf = ({ env, cwd, isPlugin }: Terminal) => ({ env, cwd: isPlugin ? undefined : cwd });

export type OutputForm = 'table' | 'json' | 'yaml' | 'name';

export const withOutput = (command: Command, forms: readonly OutputForm[] = ['table', 'json', 'yaml', 'name']): Command =>
  command.addOption(new Option('-o, --output <form>', 'how to print it').choices(forms).default(forms[0]));

/** What a verb prints, in each form: as people read it, and as programs do. */
export interface Printed {
  readonly table: () => readonly string[];
  readonly value: unknown;
  readonly names?: readonly string[];
}

export function print({ out }: Terminal, form: OutputForm, printed: Printed): void {
  out(texts[form](printed));
}

const texts: Readonly<Record<OutputForm, (printed: Printed) => string>> = {
  table: ({ table }) => linesOf(table()),
  json: ({ value }) => `${JSON.stringify(value, null, 2)}\n`,
  yaml: ({ value }) => formatYaml(value),
  name: ({ names = [] }) => linesOf(names),
};

const linesOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

/** Shows how a verb is used, below its help: what is typed after the name of the program, and what that does. */
export function examples(command: Command, lines: readonly (readonly [args: string, what: string])[]): Command {
  return command.addHelpText('after', () => {
    const root = rootOf(command).name();
    const longest = Math.max(...lines.map(([args]) => args.length));
    return `\nExamples:\n${lines.map(([args, what]) => `  ${`${root} ${args}`.padEnd(root.length + 1 + Math.min(longest, WIDEST))}  # ${what}`).join('\n')}`;
  });
}

const WIDEST = 64;

const rootOf = (command: Command): Command => (command.parent ? rootOf(command.parent) : command);

export const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

export function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) throw new InvalidArgumentError(`a whole number from ${min} to ${max} is needed.`);
    return value;
  };
}
