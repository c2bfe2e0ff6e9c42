import { clientOf, examples, GROUPS, ofCluster, print, type Verb, withOutput } from './verb.ts';

/** `logplane blame` */
export const addBlame: Verb = (program, terminal) => {
  const command = program
    .command('blame <kind/name>')
    .helpGroup(GROUPS.look)
    .description('Who made an object what it is: of each field the change that touched it last.');
  ofCluster(withOutput(command, ['table', 'json', 'yaml'])).action(async (object: string, { output, ...choice }) => {
    const { namedObject } = await import('../client/resources.ts');
    const { blameOf, blameRows } = await import('../looking/blame.ts');
    const { laidOut } = await import('../columns.ts');
    const { heading } = await import('../terminal.ts');
    const client = await clientOf(choice, terminal);
    const blame = await blameOf(await namedObject(object, client), client);
    print(terminal, output, { table: () => laidOut(blameRows(blame), { columns: terminal.columns, style: heading(terminal) }), value: blame });
  });
  examples(command, [
    ['blame deployment/web -n shop', 'who set what, and when'],
    ['blame deployment/web -n shop --cluster default@120', 'as it was then'],
  ]);
};
