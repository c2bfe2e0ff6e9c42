import type { Command } from 'commander';
import { expect, it } from 'vitest';
import { commandLine } from '../../local/command-line.ts';
import { blocks, isCommands } from './blocks.ts';

/** The examples of docs/cli.md, which its verbs define: the command line takes each as it stands. */

const lines = blocks
  .filter((block) => block.page === 'docs/cli.md' && isCommands(block))
  .flatMap(({ text }) => text.split('\n'))
  // What is behind it is for the shell: a comment, a pipe, a file.
  .map((line) => line.split(/\s+[#|>]/)[0]!.trim())
  .filter(Boolean);

it('there are some for every verb', () => expect(lines.length).toBeGreaterThan(40));

it.each(lines)('%s', async (line) => {
  const [program, ...args] = line.split(/\s+/);
  expect(program).toBe('logplane');
  const taken: string[] = [];
  const silent = { out: () => undefined, err: () => undefined, columns: undefined, colours: false, env: {}, cwd: '/', isPlugin: false, exitCode: 0 };
  await only(commandLine(silent), (name) => taken.push(name)).parseAsync(args, { from: 'user' });
  expect(taken).toHaveLength(1);
});

/** The command line with verbs that do nothing but say that they were called, and that throws where it would end the process. */
function only(command: Command, called: (name: string) => void): Command {
  command.exitOverride();
  command.action(() => called(command.name()));
  for (const each of command.commands) only(each, called);
  return command;
}
