import { expect, it } from 'vitest';
import { startAwsHost } from './aws-host.ts';
import { create, json, until } from './requests.ts';

const EVENTS = '/api/v1/namespaces/default/events';

it('Events end, stay in the past, and leave no timer behind', async () => {
  const host = await startAwsHost({ nodes: 0, eventTtl: '3s' });
  try {
    const names = async (path: string) => {
      const { items } = (await (await host.fetch(path)).json()) as { items: { metadata: { name: string } }[] };
      return items.map(({ metadata }) => metadata.name);
    };
    const timers = () => Object.values(host.fauxqs.inspectQueue('delayed')!.messages).flat().length;
    const event = (name: string) => ({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name },
      involvedObject: { kind: 'Pod', name: 'web', namespace: 'default' },
    });
    await create(host, EVENTS, event('a'));
    await host.quiet();
    // Another container of the controllers knows nothing of the first one's timer, and asks for one more.
    await host.lambdas.controllers.recycle();
    const { metadata } = (await (await host.fetch(EVENTS, json('POST', event('b')))).json()) as { metadata: { resourceVersion: string } };
    await until(async () => (await names(EVENTS)).length === 0);
    expect(await names(`/clusters/default@${metadata.resourceVersion}${EVENTS}`)).toContain('b');
    await until(async () => timers() === 0);
    await host.quiet();
    expect(timers()).toBe(0);
  } finally {
    await host.close();
  }
});
