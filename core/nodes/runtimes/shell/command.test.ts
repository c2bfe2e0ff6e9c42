import { describe, expect, it } from 'vitest';
import { runCommand } from './command.ts';
import { Files } from './files.ts';
import type { Value } from './programs.ts';

const files = () => new Files((path) => (path.startsWith('/etc') ? { text: undefined } : undefined));
const surroundings = {
  startedAt: Date.parse('2026-01-01T00:00:00Z'),
  hostname: 'web',
  resolves: (host: string) => (host === 'late' ? Date.parse('2026-01-01T00:00:11Z') : host === 'db' ? 0 : undefined),
  answers: (host: string) => (host === 'db' ? 0 : undefined),
  changesAfter: (time: number) => (time < 11_000 ? 11_000 : undefined),
  chance: () => 0.5,
};
const run = (argv: readonly string[], environment: Record<string, Value> = {}, more: object = {}) =>
  runCommand(argv, { environment: new Map(Object.entries(environment)), files: files(), surroundings, ...more });
const ending = (argv: readonly string[], environment: Record<string, Value> = {}) => run(argv, environment).ending;

const exits = (exitCode: number, afterMs = 0) => ({ type: 'exits', afterMs, exitCode });
const forever = { type: 'forever' };
const unknown = (afterMs = 0) => ({ type: 'unknown', afterMs });
const program = (afterMs: number, ...argv: string[]) => ({ type: 'program', afterMs, argv });

describe('a command', () => {
  const table: [argv: string[], want: object][] = [
    [[], unknown()],
    [['nginx', '-g', 'daemon off;'], program(0, 'nginx', '-g', 'daemon off;')],
    [['sleep', '30'], exits(0, 30_000)],
    [['/bin/sleep', '1.5', '1m'], exits(0, 61_500)],
    [['sleep', 'infinity'], forever],
    [['sleep', '$(SECONDS)'], unknown()],
    [['false'], exits(1)],
    [['echo', 'hello'], exits(0)],
    [['tail', '-f', '/dev/null'], forever],
    [['tail', '-n', '5', '/etc/hosts'], exits(0)],
    [['sh'], program(0, 'sh')],
    [['sh', '-c'], program(0, 'sh', '-c')],
  ];
  it.each(table)('%j', (argv, want) => expect(ending(argv)).toEqual(want));
});

describe('a script', () => {
  const table: [script: string, want: object][] = [
    ['exit 3', exits(3)],
    ['exit 256', exits(0)],
    ['', exits(0)],
    ['echo hello; sleep 5; exit 1', exits(1, 5000)],
    ["echo 'a; exit 9' && sleep 2", exits(0, 2000)],
    ['echo "don\'t exit 9" > /tmp/out 2>&1\nsleep 1\n', exits(0, 1000)],
    ['true && exit 4', exits(4)],
    ['false && exit 4', exits(1)],
    ['false || exit 5', exits(5)],
    ['true || exit 5; exit 6', exits(6)],
    ['false; exit $?', exits(1)],
    ['set -e; false; sleep 9', exits(1)],
    ['set -e; false || true; sleep 9', exits(0, 9000)],
    ['touch /tmp/healthy; sleep 30; rm -f /tmp/healthy; sleep 600', exits(0, 630_000)],
    ['wget -qO- http://db:5432; exit 2', exits(2)],
    ['sleep 3; exec /app/server --port 80', program(3000, '/app/server', '--port', '80')],
    ['while true; do date; sleep 1; done', forever],
    ['echo start; while :; do sleep 1; done', forever],
    ['until nslookup db; do sleep 2; done', exits(0)],
    ['until nslookup late; do sleep 2; done', exits(0, 12_000)],
    ['until nslookup never; do echo waiting; sleep 2; done', forever],
    ['for i in 9 8 7; do echo $i; done', exits(0)],
    ['cat /etc/hosts | grep x', unknown()],
    ['sleep $(cat /etc/n)', unknown()],
    ['server & sleep 5', exits(0, 5000)],
    ['NAME=x exit 7', exits(7)],
    ['exit 1 # exit 2', exits(1)],
    ["sh -c 'exit 8'", exits(8)],
  ];
  it.each(table)('%j', (script, want) => expect(ending(['/bin/sh', '-c', script])).toEqual(want));
  it('may be told to stop at the first failure by the option -e', () => expect(ending(['bash', '-ec', 'false; sleep 9'])).toEqual(exits(1)));
});
