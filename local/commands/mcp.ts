import { Option } from 'commander';
import type { Allowance } from '../mcp/reach.ts';
import { clientOf, examples, GROUPS, ofCluster, type Verb } from './verb.ts';

/** `logplane mcp` */
export const addMcp: Verb = (program, terminal) => {
  const command = program
    .command('mcp')
    .helpGroup(GROUPS.tools)
    .description(
      'Serve the Model Context Protocol on standard input and output, so that an agent looks at a cluster, tries changes on forks and brings back plans. It only reads, unless it is allowed more.',
    )
    .addOption(
      new Option('--allow <what>', 'what it may write: fork (in forks that it made itself) or write (what the user of the kubeconfig may)').choices([
        'fork',
        'write',
      ]),
    )
    .option('--secrets', 'give the values of Secrets too');
  ofCluster(command).action(async ({ allow = 'nothing', secrets = false, ...choice }) => {
    const { serveMcp } = await import('../mcp/serve.ts');
    await serveMcp({ connect: () => clientOf(choice, terminal), allow: allow as Allowance, secrets, version: program.version()! }, terminal);
  });
  examples(command, [
    ['mcp', 'as the command of an MCP server in the configuration of an agent'],
    ['mcp --allow fork', 'so that it tries things on forks'],
    ['mcp --cluster lab --allow write', 'so that it changes a cluster'],
  ]);
};
