import { z } from 'zod';
import { formatYaml } from '../../../core/api/codec/yaml.ts';
import { withoutOwnApi } from '../../client/resources.ts';
import { changeAt } from '../../looking/changes.ts';
import { shownChange } from '../changes.ts';
import { cluster, tool } from '../tool.ts';

export const change = tool({
  name: 'change',
  title: 'One change',
  description:
    'One change by its offset: the difference field by field, who made it and as which field manager, and what it answers to, step by step, down to the request that began it.',
  input: z.strictObject({ offset: z.int().positive().describe('As changes, history, blame and why tell it.'), cluster }),
  output: z.looseObject({ cluster: z.string(), change: z.unknown() }),
  effect: 'none',
  isIdempotent: true,
  async run({ offset, cluster }, reach) {
    const client = await reach.client({ cluster });
    const found = await changeAt(offset, client.namespace, client).catch(async (error) => {
      throw await withoutOwnApi(error, client);
    });
    const change = shownChange(found);
    return { text: formatYaml(change), structured: { cluster: client.shownAs, change } };
  },
});
