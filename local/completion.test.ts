import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completionScript } from './completion.ts';

// The shells are asked themselves: what the program would answer is there without it, as what is tried is the scripts.
const dir = mkdtempSync(path.join(tmpdir(), 'logplane-test-'));
beforeAll(() => {
  const program = path.join(dir, 'bin/logplane');
  mkdirSync(path.dirname(program));
  writeFileSync(
    program,
    `#!/bin/sh
case "$*" in
  "__complete -- bl") echo blame ;;
  "__complete -- why dep") echo deployment.apps/ ;;
  "__complete -- plan -o ") printf 'json\nyaml\n' ;;
  "__complete -- plan --output=js") echo --output=json ;;
esac
`,
  );
  chmodSync(program, 0o755);
  writeFileSync(path.join(dir, 'a-file.yaml'), '');
  for (const shell of ['bash', 'zsh', 'fish'] as const) writeFileSync(path.join(dir, shell), completionScript(shell));
});
afterAll(() => rmSync(dir, { recursive: true }));

const env = { PATH: `${path.join(dir, 'bin')}:${process.env['PATH']}`, HOME: dir, TERM: 'dumb' };
const run = (shell: string, ...args: string[]) => spawnSync(shell, args, { cwd: dir, env, encoding: 'utf8', input: '', timeout: 20_000 });
const isThere = (shell: string) => run(shell, '-c', 'true').status === 0;

describe.skipIf(!isThere('bash'))('bash (skipped where it is not installed)', () => {
  it.each([
    { words: ['bl'], want: 'blame\n' },
    { words: ['plan', '-o', ''], want: 'json\nyaml\n' },
    { words: ['apply', '-f', 'a'], want: '' },
  ])('completes $words', ({ words, want }) => {
    const line = `source ./bash; COMP_WORDS=(logplane ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; compopt() { :; }; _logplane; printf '%s\\n' "\${COMPREPLY[@]}"`;
    expect(run('bash', '-c', line).stdout).toBe(want || '\n');
  });
});

describe.skipIf(!isThere('fish'))('fish (skipped where it is not installed)', () => {
  it.each([
    { line: 'logplane bl', want: 'blame\n' },
    { line: 'logplane plan -o ', want: 'json\nyaml\n' },
    { line: 'logplane plan --output=js', want: '--output=json\n' },
    { line: 'logplane apply -f a-', want: 'a-file.yaml\n' },
  ])('completes $line', ({ line, want }) => {
    expect(run('fish', '--no-config', '-c', `source ./fish; complete -C '${line}'`).stdout).toBe(want);
  });
});

describe.skipIf(!isThere('zsh'))('zsh (skipped where it is not installed)', () => {
  // A terminal with a shell in it that types; what it shows is waited for.
  it.each([
    { line: 'logplane bl', want: 'logplane blame ' },
    { line: 'logplane why dep', want: 'logplane why deployment.apps/' },
    { line: 'logplane plan --output=js', want: 'logplane plan --output=json ' },
    { line: 'logplane apply -f a-', want: 'logplane apply -f a-file.yaml ' },
  ])('completes $line', ({ line, want }) => {
    const typed = `zmodload zsh/zpty
zpty inner zsh -f -i
zpty -w inner 'unsetopt zle_bracketed_paste prompt_cr prompt_sp; autoload -U compinit; compinit -D -u; source ./zsh; show() { print -r -- "<$BUFFER>" }; zle -N show; bindkey "^G" show; print READY-$((40 + 2))'
zpty -r inner seen '*READY-42*'
zpty -w -n inner $'${line}\\t\\a'
zpty -r inner seen '*<logplane*>*'
print -r -- "$seen"
zpty -d inner`;
    expect(run('zsh', '-f', '-c', typed).stdout).toContain(`<${want}>`);
  });
});
