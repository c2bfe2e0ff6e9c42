import { clientOf, examples, GROUPS, ofCluster, print, type Verb, withOutput } from './verb.ts';

/** `logplane why` */
export const addWhy: Verb = (program, terminal) => {
  const command = program
    .command('why <kind/name>')
    .helpGroup(GROUPS.look)
    .description(
      'Why an object is there and as it is: what is not well, why a pod has no node, node by node, and the causes down to the request that began it.',
    );
  ofCluster(withOutput(command, ['table', 'json', 'yaml'])).action(async (object: string, { output, ...choice }) => {
    const { namedObject } = await import('../client/resources.ts');
    const { why } = await import('../looking/why.ts');
    const { whyTable } = await import('../looking/why-table.ts');
    const client = await clientOf(choice, terminal);
    const found = await why(await namedObject(object, client), client);
    print(terminal, output, { table: () => whyTable(found, terminal), value: found });
  });
  examples(command, [
    ['why pod/web-6f7d9c5b4-x2x8p', 'why it is there, and why it does not run'],
    ['why deployment/web -n shop', 'why it is not ready'],
    ['why node/node-1 --cluster default@4711', 'as it was then'],
  ]);
};
