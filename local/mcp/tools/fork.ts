import { randomInt } from 'node:crypto';
import { z } from 'zod';
import { createCluster, forkOf } from '../../clusters.ts';
import { CLUSTER, tool } from '../tool.ts';

export const fork = tool({
  name: 'fork',
  title: 'Fork a cluster',
  description:
    'Makes a cluster that has the history and all objects of another one up to a moment, and goes its own way from there. It costs next to nothing, takes a moment, and goes by itself (ttl). Name it as cluster in other tools, to try there what is not to be tried on the real one.',
  input: z.strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'lower case letters, digits and - are needed')
      .optional()
      .describe('How it is called; a name is drawn, unless told.'),
    of: z
      .string()
      .regex(CLUSTER, 'NAME or NAME@AT is needed, such as default@120')
      .optional()
      .describe('Of which cluster, NAME or NAME@AT. That of the kubeconfig as it is now, unless told.'),
    ttl: z.string().min(1).max(50).default('2h').describe('When it goes by itself, such as 30m or 8h.'),
  }),
  output: z.looseObject({ cluster: z.string(), expiresAt: z.string().optional() }),
  effect: 'adds',
  isIdempotent: false,
  async run(
    {
      name = `try-${randomInt(36 ** 5)
        .toString(36)
        .padStart(5, '0')}`,
      of,
      ttl,
    },
    reach,
  ) {
    reach.mayFork();
    const client = await reach.client();
    const made = await createCluster(name, { forkOf: forkOf(of ?? client.shownAs, client), ttl }, client);
    reach.made(made);
    const { fork: base, expiresAt } = made.status ?? {};
    const { name: parent } = made.spec.forkOf!;
    const at = base && { of: `${parent}@${base.offset}` };
    return {
      text: `The fork ${name} of ${at?.of ?? parent} is ready: name it as cluster: ${name} in other tools. It goes by itself ${expiresAt ? `at ${expiresAt}` : `after ${ttl}`}.`,
      structured: { cluster: name, ...at, ...(expiresAt && { expiresAt }) },
    };
  },
});
