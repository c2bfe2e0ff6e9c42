import { readFileSync, writeFileSync } from 'node:fs';
import { number } from '../../bench/catalogue.ts';
import type { Compared } from '../../bench/compare/measured.ts';

const page = new URL('../../docs/comparison.md', import.meta.url);
const BEGIN = '<!-- Written by bench:compare, with its option keep. -->\n\n';
const END = '\n<!-- Until here. -->';

/** Writes what was measured into docs/comparison.md. */
export const writeComparison = (compared: Compared): void => writeFileSync(page, withTable(readFileSync(page, 'utf8'), compared));

/** The page with the table of what was measured in its place. */
export function withTable(markdown: string, compared: Compared): string {
  const [before, rest] = [markdown.slice(0, markdown.indexOf(BEGIN)), markdown.slice(markdown.indexOf(END))];
  if (!markdown.includes(BEGIN) || !markdown.includes(END)) throw new Error('docs/comparison.md has no place for the table');
  return before + BEGIN + comparisonTable(compared) + rest;
}

function comparisonTable({ commit, date, machine, note, versions, runs }: Compared): string {
  const { etcd, kwok, 'kube-apiserver': kubernetes } = versions;
  return [
    `Logplane at \`${commit}\` and Kubernetes ${kubernetes} with etcd ${etcd} and kwok ${kwok}, ${date}, on a machine of ${machine}, ${runs.length === 1 ? 'one run' : `in turn, ${runs.length} runs each`}${note ? ` (${note})` : ''}:`,
    '',
    '| | Logplane | Kubernetes with kwok |',
    '|---|---|---|',
    ...ROWS.map(([figure, what, unit]) => {
      const cell = (of: 'logplane' | 'kubernetes') => range(runs.map((run) => run[of][figure]).filter((value) => value !== undefined)) + unit;
      return `| ${what} | ${figure === 'memory_two_mb' ? 'one process' : cell('logplane')} | ${cell('kubernetes')} |`;
    }),
    '',
  ].join('\n');
}

/** The least and the most. */
function range(values: readonly number[]): string {
  const [least, most] = [number(Math.min(...values)), number(Math.max(...values))];
  return least === most ? least : `${least} to ${most}`;
}

const ROWS: readonly (readonly [figure: string, what: string, unit: string])[] = [
  ['first_request_s', 'from nothing to the first answered request (of Kubernetes: etcd and kube-apiserver alone, as envtest starts them)', ' s'],
  ['nodes_ready_s', 'until 20 nodes are Ready (of Kubernetes: with controller manager, scheduler and kwok)', ' s'],
  ['creates_64_per_s', 'creates a second, 64 clients, 8,000 in all', ''],
  ['creates_1_per_s', 'creates a second, one client', ''],
  ['gets_64_per_s', 'gets a second, 64 clients', ''],
  ['watch_p50_ms', 'from sending a write to its watchers, ten of them, 200 writes a second: the median', ' ms'],
  ['watch_p99_ms', 'and the 99th percentile', ' ms'],
  ['deployment_s', 'a Deployment of 1,000 replicas on 20 nodes until all are available', ' s'],
  ['list_pods_ms', 'a list of these 1,000 pods, as kubectl asks for it', ' ms'],
  ['memory_two_mb', 'memory of etcd and kube-apiserver alone, right after the start', ' MiB'],
  ['memory_idle_mb', 'memory of all processes when the nodes are Ready', ' MiB'],
  ['memory_mb', 'and after all that', ' MiB'],
];
