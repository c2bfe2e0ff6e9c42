// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are scripts of a shell.
import { describe, expect, it } from 'vitest';
import { runCommand } from './command.ts';
import { Files } from './files.ts';

const surroundings = {
  startedAt: 0,
  hostname: 'web',
  resolves: () => undefined,
  answers: () => undefined,
  changesAfter: () => undefined,
  chance: () => 0.5,
};
const run = (argv: readonly string[], more: object = {}) => {
  const files = new Files(() => undefined);
  return { ...runCommand(argv, { environment: new Map(), files, surroundings, ...more }), files };
};
const many = (text: string, count: number) => text.repeat(count);

describe('what a script may cost is bounded, and what is more than that cannot be told', () => {
  const table: { name: string; script: string; want?: object }[] = [
    { name: 'words of braces', script: `echo ${many('{a,b}', 30)}` },
    { name: 'words of braces beside quotes', script: `echo ${many('{a,b}""', 2000)}` },
    { name: 'a range of ranges', script: 'for i in {1..1000}{1..1000}{1..1000}; do :; done' },
    { name: 'a variable that doubles', script: 'x=0123456789; for ((i = 0; i < 4000; i++)); do x=$x$x; done' },
    { name: 'a variable that is appended to itself', script: 'x=0123456789; for ((i = 0; i < 4000; i++)); do x+=$x; done' },
    { name: 'an array that doubles', script: 'a=(1 2 3); for ((i = 0; i < 4000; i++)); do a=("${a[@]}" "${a[@]}"); done' },
    { name: 'an array that is appended to itself', script: 'a=(1 2 3); for ((i = 0; i < 4000; i++)); do a+=("${a[@]}"); done' },
    { name: 'arguments that double', script: 'f() { f "$@" "$@"; }; f a b c' },
    { name: 'a function that calls itself', script: 'f() { f; }; f' },
    { name: 'a function that calls itself in a substitution', script: 'f() { echo $(f); }; f' },
    {
      name: 'a trap that sets itself',
      script: 'f() { trap f EXIT; exit 1; }; for ((i = 0; i < 4000; i++)); do (f); f; done',
      want: { type: 'exits', exitCode: 1 },
    },
    { name: 'a program that runs itself', script: `${many('time ', 3000)} true` },
    { name: 'a variable of programs that run each other', script: `x="${many('command ', 1000)}"; $x $x $x $x $x $x $x $x true` },
    { name: 'timeouts within each other', script: `${many('timeout 1 ', 1600)} true` },
    { name: 'a text that evaluates itself', script: 'x=\'eval "$x"\'; eval "$x"' },
    { name: 'a text that is evaluated again and again', script: `x='${many('true;', 3000)}'; for ((i = 0; i < 4000; i++)); do eval "$x"; done` },
    { name: 'brackets of a test', script: `[ ${many('"(" ', 3000)} a ]` },
    { name: 'brackets of a test that come of a variable', script: `x="${many('( ', 8000)}"; test $x $x $x a` },
    { name: 'brackets of a condition', script: `[[ ${many('( ', 5000)} a ]]` },
    { name: 'brackets of arithmetic', script: `echo $((${many('(', 7000)}1${many(')', 7000)}))`, want: { type: 'exits' } },
    { name: 'here-documents within each other', script: many('cat <<E$(\n', 1000) },
    { name: 'substitutions within here-documents', script: `cat <<E\n${many('$(cat <<E\n', 1000)}` },
    { name: 'a pattern that starts over', script: `x=${many('a', 900)}; for ((i = 0; i < 4000; i++)); do y=\${x##${many('*a', 200)}b}; done` },
    {
      name: 'a pattern of a case that starts over',
      script: `x=${many('a', 5000)}; for ((i = 0; i < 4000; i++)); do case $x in ${many('*a', 2000)}b) ;; esac; done`,
    },
    { name: 'arithmetic with a long text of names', script: `for ((i = 0; i < 4000; i++)); do : $((${many('$a', 5000)})); done` },
    { name: 'arithmetic with one long name', script: `for ((i = 0; i < 4000; i++)); do : $(($${many('a', 9000)})); done` },
    {
      name: 'arithmetic with a number of many digits',
      script: `x=${many('1', 5000)}; for ((i = 0; i < 4000; i++)); do : $((${many('x+', 200)}1)); done`,
      want: { type: 'exits' },
    },
    {
      name: 'characters that are taken out',
      script: `x=${many('a', 7000)}; for ((i = 0; i < 4000; i++)); do echo $x | tr -d ${many('b', 7000)} > /tmp/f$i; done`,
    },
    { name: 'loops within a long loop', script: `for ((i = 0; i < 4000; i++)); do while false; do ${many(': a b c;', 1500)} done; done` },
    {
      name: 'files that fill',
      script:
        'x=0123456789012345678901234567890123456789; for ((i = 0; i < 4000; i++)); do echo $x >> /tmp/log; [ $i -gt 1500 ] && break; done; cat /tmp/log | grep -q 7 && exit 1',
    },
    { name: 'output that is cut off', script: 'for i in $(seq 9000); do n=$((n+1)); done; exit $((n > 2))' },
  ];
  it.each(table)('$name', ({ script, want = { type: 'unknown' } }) => {
    const { ending, output, files } = run(['bash', '-c', script]);
    expect(ending).toMatchObject(want);
    expect(output.length).toBeLessThanOrEqual(16 * 1024);
    const kept = files.below('/tmp').reduce((sum, { file }) => sum + (file?.text?.length ?? 0), 0);
    expect(kept).toBeLessThanOrEqual(1024 * 1024);
  });

  it.each([
    { name: 'printf', argv: ['printf', `${many('x', 500_000)}%s`, ...many('a', 100_000)] },
    { name: 'test', argv: ['test', ...many('(', 100_000), 'a'] },
    { name: 'time', argv: [...many('time ', 100_000).split(' ').slice(0, -1), 'true'] },
    { name: 'expr', argv: ['expr', ...many('(', 100_000), '1'] },
    { name: 'tr', argv: ['tr', '-d', many('a', 1_000_000)] },
  ])('$name with arguments as large as an object may be', ({ argv }) => {
    const { ending, output } = run(argv);
    expect(['unknown', 'exits']).toContain(ending.type);
    expect(output.length).toBeLessThanOrEqual(16 * 1024);
  });

  it('an expression takes time that grows with the text alone', () => {
    const exits = (script: string) => run(['bash', '-c', script]).ending;
    expect(exits(`[[ ${many('a', 40)} =~ ^${many('a?', 40)}${many('a', 40)}$ ]] && exit 3`)).toMatchObject({ exitCode: 3 });
    expect(exits(`[[ ${many('a', 40)}b =~ ^(a*)*$ ]] || exit 4`)).toMatchObject({ exitCode: 4 });
    expect(exits('[[ v1.29.3 =~ ^v[[:digit:]]+\\.[0-9]+ ]] && exit 5')).toMatchObject({ exitCode: 5 });
  });

  it('a sleep is for ever that no clock sees the end of', () => {
    for (const script of ['sleep 99999999999999999999d', 'sleep 99999d; sleep 99999d', 'usleep 99999999999999999999999999'])
      expect(run(['sh', '-c', script]).ending).toEqual({ type: 'forever' });
  });
});
