import { clientOf, examples, GROUPS, ofCluster, print, type Verb, withOutput } from './verb.ts';

/** `logplane ui` */
export const addUi: Verb = (program, terminal) => {
  const command = program
    .command('ui')
    .helpGroup(GROUPS.look)
    .description('Print a link that signs in to the page of a running host: once, and for a quarter of an hour.');
  ofCluster(withOutput(command, ['table', 'json'])).action(async ({ output, ...choice }) => {
    const host = (await clientOf(choice, terminal)).default;
    const { code } = await host.send<{ readonly code: string }>('POST', '/ui/code');
    const url = `${host.server}/ui/?code=${code}`;
    print(terminal, output, { table: () => [url], value: { url } });
  });
  examples(command, [['ui', 'open what it prints in a browser']]);
};
