import { z } from 'zod';
import { laidOut } from '../../columns.ts';
import { blameOf, blameRows } from '../../looking/blame.ts';
import { cluster, namespace, object, tool } from '../tool.ts';

export const blame = tool({
  name: 'blame',
  title: 'Who made an object what it is',
  description: 'For each field of an object its value, and the change (offset, time, user) that made it so.',
  input: z.strictObject({
    object,
    namespace,
    cluster,
    path: z.string().max(1_000).default('').describe('Only fields whose path begins so: .spec.template. All of them, unless told.'),
  }),
  output: z.looseObject({ cluster: z.string(), fields: z.array(z.unknown()) }),
  effect: 'none',
  isIdempotent: true,
  async run({ object, path, ...place }, reach) {
    const client = await reach.client(place);
    const { fields } = await blameOf(await reach.named(object, client), client);
    const chosen = fields.filter((field) => field.path.startsWith(path));
    if (chosen.length === 0)
      throw new Error(
        `no field begins with ${JSON.stringify(path)}: there is ${fields
          .slice(0, 20)
          .map((field) => field.path)
          .join(', ')}`,
      );
    return { text: laidOut(blameRows({ fields: chosen }), { columns: undefined }).join('\n'), structured: { cluster: client.shownAs, fields: chosen } };
  },
});
