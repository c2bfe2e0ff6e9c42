import { describe, expect, it } from 'vitest';
import { resultOfCommand } from './shell.ts';

const exits = (exitCode: number, afterMs = 0) => ({ type: 'exits', afterMs, exitCode });
const forever = { type: 'forever' };
const unknown = (afterMs = 0) => ({ type: 'unknown', afterMs });

describe('a command', () => {
  const table: [argv: string[], want: object][] = [
    [[], unknown()],
    [['nginx', '-g', 'daemon off;'], unknown()],
    [['sleep', '30'], exits(0, 30_000)],
    [['/bin/sleep', '1.5', '1m'], exits(0, 61_500)],
    [['sleep', 'infinity'], forever],
    [['sleep', '$(SECONDS)'], unknown()],
    [['false'], exits(1)],
    [['echo', 'hello'], exits(0)],
    [['tail', '-f', '/dev/null'], forever],
    [['tail', '-n', '5', '/etc/hosts'], exits(0)],
    [['sh'], unknown()],
    [['sh', '-c'], unknown()],
  ];
  it.each(table)('%j', (argv, want) => expect(resultOfCommand(argv)).toEqual(want));
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
    ['sleep 3; exec /app/server --port 80', unknown(3000)],
    ['while true; do date; sleep 1; done', forever],
    ['echo start; while :; do sleep 1; done', forever],
    ['until nslookup db; do sleep 2; done', unknown()],
    ['for i in 9 8 7; do echo $i; done', unknown()],
    ['cat /etc/hosts | grep x', unknown()],
    ['sleep $(cat /tmp/n)', unknown()],
    ['server & sleep 5', exits(0, 5000)],
    ['NAME=x exit 7', exits(7)],
    ['exit 1 # exit 2', exits(1)],
    ["sh -c 'exit 8'", exits(8)],
  ];
  it.each(table)('%j', (script, want) => expect(resultOfCommand(['/bin/sh', '-c', script])).toEqual(want));
  it('may be told to stop at the first failure by the option -e', () => expect(resultOfCommand(['bash', '-ec', 'false; sleep 9'])).toEqual(exits(1)));
});
