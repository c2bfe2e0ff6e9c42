import type { Command, Option } from 'commander';
import { commandLine } from '../../local/command-line.ts';

/** docs/cli.md: every verb of the command line with its options, as they are defined. */
export function cliPage(intro: string): string {
  const program = commandLine({ out: ignore, err: ignore, columns: undefined, colours: false, env: {}, cwd: '/', isPlugin: false, exitCode: 0 });
  const verbs = leaves(program);
  return [
    intro.trimEnd(),
    '',
    '## Verbs',
    '',
    ...verbs.map((verb) => `- [\`${usage(verb)}\`](#${anchor(verb)}): ${verb.summary()}`),
    '',
    ...verbs.flatMap(section),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}

const ignore = () => undefined;

const leaves = (command: Command): Command[] =>
  command.commands.length > 0 ? command.commands.filter((each) => !each.name().startsWith('__')).flatMap(leaves) : [command];

const fullName = (command: Command): string => (command.parent ? `${fullName(command.parent)} ${command.name()}` : command.name());

const usage = (command: Command): string =>
  [
    fullName(command),
    ...command.registeredArguments.map(
      (argument) => `${argument.required ? '' : '['}${argument.name().toUpperCase()}${argument.variadic ? '...' : ''}${argument.required ? '' : ']'}`,
    ),
  ].join(' ');

const anchor = (command: Command): string => fullName(command).replaceAll(' ', '-');

function section(verb: Command): string[] {
  const options = verb.options.filter(({ hidden }) => !hidden);
  return [
    `### ${fullName(verb)}`,
    '',
    verb.description(),
    '',
    '```sh',
    ...examplesOf(verb),
    '```',
    '',
    ...(options.length > 0 ? ['| option | |', '|---|---|', ...options.map(row), ''] : []),
  ];
}

const row = (option: Option): string => {
  const { flags, description, argChoices, defaultValue, defaultValueDescription, mandatory } = option;
  const choices = argChoices ? `: ${argChoices.map((choice) => `\`${choice}\``).join(', ')}` : '';
  const isTold = /\(default/.test(description) || defaultValue === undefined || defaultValue === true || defaultValue === false;
  return `| \`${escaped(flags)}\` | ${escaped(description)}${choices}${mandatory ? ' (required)' : ''}${isTold ? '' : ` (default: \`${defaultValueDescription ?? defaultValue}\`)`} |`;
};

const escaped = (text: string): string => text.replaceAll('|', '\\|');

/** Below its help stand examples (local/commands/verb.ts). */
function examplesOf(verb: Command): string[] {
  const lines: string[] = [];
  verb.configureOutput({ writeOut: (text) => void lines.push(text), getOutHelpWidth: () => 200 });
  verb.outputHelp();
  const [, after = ''] = lines.join('').split('\nExamples:\n');
  return after
    .trimEnd()
    .split('\n')
    .map((line) => line.slice(2))
    .filter((line) => line !== '');
}
