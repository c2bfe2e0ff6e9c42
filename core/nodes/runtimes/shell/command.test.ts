// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are scripts of a shell.
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

describe('the language', () => {
  const table: [script: string, exitCode: number][] = [
    ['if true; then exit 3; fi', 3],
    ['if false; then exit 3; elif [ 1 -eq 1 ]; then exit 4; else exit 5; fi', 4],
    ['if ! grep -q x /tmp/none; then exit 2; fi', 2],
    ['case "$MODE" in slow|fast) exit 6;; *) exit 7;; esac', 6],
    ['case a.txt in *.md) exit 1;; [a-c].t?t) exit 2;; esac', 2],
    ['i=0; while [ $i -lt 3 ]; do i=$((i+1)); done; exit $i', 3],
    ['for i in 1 2 3 4; do [ $i = 3 ] && break; done; exit $i', 3],
    ['for i in 1 2 3; do if [ $i -eq 2 ]; then continue; fi; n="$n$i"; done; exit $n', 13],
    ['for ((i = 0; i < 5; i += 2)); do :; done; exit $i', 6],
    ['for i in {1..4} a; do n=$((n+1)); done; exit $n', 5],
    ['for i in $(seq 2 2 6); do n=$((n+i)); done; exit $n', 12],
    ['set -- a b c; shift; exit $#', 2],
    ['set -eu -o pipefail a b; exit $#', 2],
    ['set -euo pipefail; exit $#', 0],
    ['f() { return $1; }; f 8; exit $?', 8],
    ['function g { local x=$1; return $((x * 2)); }; g 4 || exit $?', 8],
    ['(exit 5); exit $?', 5],
    ['{ false; }; exit $?', 1],
    ['exit $(( (7 + 3) % 4 ** 2 - (1 << 2) ))', 6],
    ['x=5; ((x++)); let y=x; exit $(expr $x + 1)', 7],
    ['[[ -z "" && ( a == b || abc == a* ) ]] && exit 9', 9],
    ['[[ v12 =~ ^v[0-9]+$ ]] && exit 9', 9],
    ['[ -n "$MODE" -a "$MODE" != slow ] && exit 9', 9],
    ['test -f /tmp/a || { echo x > /tmp/a; test -s /tmp/a && exit 4; }', 4],
    ['echo "a b" > /tmp/f; read x < /tmp/f; [ "$(cat /tmp/f)" = "a b" ] && exit 4', 4],
    ['cat > /tmp/f <<EOF\none $MODE\nEOF\n[ "$(cat /tmp/f)" = "one fast" ] && exit 4', 4],
    ["cat > /tmp/f <<'EOF'\none $MODE\nEOF\n[ \"$(cat /tmp/f)\" = 'one $MODE' ] && exit 4", 4],
    ['echo one two | grep -q two && exit 4', 4],
    ['printf "%s-%d" a 3 > /tmp/f; [ `cat /tmp/f` = a-3 ] && exit 4', 4],
    ['items=(foo bar baz); [ ${items[1]} = bar ] && exit ${#items[@]}', 3],
    ['x=image.tar.gz; [ "${x%%.*}${x##*.}${x#*.}" = imagegztar.gz ] && exit 4', 4],
    ['exit ${CODE:-12}', 12],
    ['trap "exit 5" EXIT; exit 1', 5],
    ['touch /tmp/lock; mv /tmp/lock /tmp/done; rm /tmp/done; [ -e /tmp/done ] || exit 4', 4],
    ['timeout 5 sleep 100; exit $?', 143],
    ['(sleep 3; touch /tmp/ready) & until [ -f /tmp/ready ]; do sleep 1; done; exit 4', 4],
    ['kill -0 1; exit $?', 0],
    ['[ $((RANDOM % 2)) -lt 2 ] && exit 4', 4],
  ];
  it.each(table)('%j', (script, exitCode) => expect(ending(['bash', '-c', script], { MODE: 'fast' })).toMatchObject({ type: 'exits', exitCode }));

  const open: [script: string, want: object][] = [
    ['while true; do i=$((i+1)); echo $i >> /tmp/log; sleep 1; done', forever],
    ['while ! nc -z nowhere 80; do sleep 1; done', forever],
    ['while [ ! -f /tmp/never ]; do sleep 1; done', forever],
    ['sleep 2 && python train.py', program(2000, 'python', 'train.py')],
    ['if [ "$(curl -s http://db/x)" = up ]; then exit 1; fi', unknown()],
    ['for i in $(seq 100000); do :; done', unknown()],
    ['if true; then exit 1', unknown()],
    ['/app/server || exit 11', program(0, '/app/server')],
    ['while [ $i -lt 1000000 ]; do i=$((i+1)); done', unknown()],
  ];
  it.each(open)('%j', (script, want) => expect(ending(['sh', '-c', script], { i: '0' })).toEqual(want));

  it('ends by a signal where it traps it, once what runs in the foreground has ended', () => {
    const stopped = (script: string, signalledAt: number) => run(['sh', '-c', script], {}, { signalledAt }).ending;
    expect(stopped('trap "exit 7" TERM; while true; do sleep 10; done', 25_000)).toEqual(exits(7, 30_000));
    expect(stopped('trap "exit 7" SIGTERM; sleep infinity & wait', 25_000)).toEqual(exits(7, 25_000));
    expect(stopped('stop() { sleep 2; exit 0; }; trap stop TERM INT; while :; do sleep 1; done', 5_000)).toEqual(exits(0, 7_000));
    expect(stopped('trap "done=1" TERM; until [ "$done" ]; do sleep 5; done; exit 3', 12_000)).toEqual(exits(3, 15_000));
    expect(stopped('trap "" TERM; while true; do sleep 1; done', 5_000)).toEqual(forever);
  });

  it('knows what a file held at any time', () => {
    const own = files();
    runCommand(['sh', '-c', 'touch /tmp/healthy; sleep 30; rm -f /tmp/healthy; sleep 600'], { environment: new Map(), files: own, surroundings });
    expect([0, 29_999, 30_000].map((at) => own.read('/tmp/healthy', at))).toEqual([{ text: '' }, { text: '' }, undefined]);
  });
});
