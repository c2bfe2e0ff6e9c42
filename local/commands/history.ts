import { clientOf, examples, GROUPS, integer, ofCluster, print, type Verb, withOutput } from './verb.ts';

/** `logplane history` */
export const addHistory: Verb = (program, terminal) => {
  const command = program
    .command('history <kind/name>')
    .helpGroup(GROUPS.look)
    .description('What became of an object: its changes, the newest first, who made each and what it answers to. Also of one that is gone.')
    .option('-l, --limit <count>', 'how many', integer(1, 100_000), 30);
  ofCluster(withOutput(command)).action(async (object: string, { limit, output, ...choice }) => {
    const { namedObject } = await import('../client/resources.ts');
    const { actorOf, changesOf, seconds, whatOf } = await import('../looking/changes.ts');
    const { laidOut } = await import('../columns.ts');
    const { heading } = await import('../terminal.ts');
    const client = await clientOf(choice, terminal);
    const { changes, more } = await changesOf(await namedObject(object, client), client, limit);
    const isNarrow = terminal.columns !== undefined && terminal.columns < WIDE;
    const rows = changes.map((change) => {
      const [offset, time, actor, what] = [String(change.offset), seconds(change.time), actorOf(change.actor.username), whatOf(change)];
      return isNarrow ? [offset, time, `${what} by ${actor}`] : [offset, time, actor, String(change.cause ?? ''), what];
    });
    const titles = isNarrow ? ['OFFSET', 'TIME', 'WHAT'] : ['OFFSET', 'TIME', 'ACTOR', 'CAUSE', 'WHAT'];
    print(terminal, output, {
      table: () => laidOut([titles, ...rows], { columns: terminal.columns, style: heading(terminal) }),
      value: { apiVersion: 'v1', kind: 'List', metadata: {}, items: changes },
      names: changes.map(({ offset }) => `change.logplane.dev/${offset}`),
    });
    if (more && output === 'table') terminal.err(`There are more: --limit ${limit * 10} shows them.\n`);
  });
  examples(command, [
    ['history deployment/web -n shop', 'what became of it'],
    ['history node/node-1 --limit 200 -o json', 'for a program'],
    ['why deployment/web -n shop', 'one of the changes, down to the request'],
  ]);
};

/** In fewer columns there is no room for all that is told of a change. */
const WIDE = 100;
