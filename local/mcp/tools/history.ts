import { z } from 'zod';
import { laidOut } from '../../columns.ts';
import { changesOf } from '../../looking/changes.ts';
import { changeRows, shownChange } from '../changes.ts';
import { cluster, namespace, object, tool } from '../tool.ts';

export const history = tool({
  name: 'history',
  title: 'History of an object',
  description:
    'The changes of one object, the newest first, with who made each, what it changed and what it answers to. Also of one that is gone. change tells more of one.',
  input: z.strictObject({ object, namespace, cluster, limit: z.int().min(1).max(500).default(30).describe('How many of the newest.') }),
  output: z.looseObject({ cluster: z.string(), changes: z.array(z.unknown()), more: z.boolean() }),
  effect: 'none',
  isIdempotent: true,
  async run({ object, limit, ...place }, reach) {
    const client = await reach.client(place);
    const { changes, more } = await changesOf(await reach.named(object, client), client, limit);
    const lines = laidOut(changeRows(changes), { columns: undefined });
    if (more) lines.push(`There are older ones: a limit above ${limit}, or cluster: NAME@${changes.at(-1)?.offset}, shows them.`);
    return { text: lines.join('\n'), structured: { cluster: client.shownAs, changes: changes.map(shownChange), more } };
  },
});
