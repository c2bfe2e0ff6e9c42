import { z } from 'zod';
import { deleteClusters } from '../../clusters.ts';
import { NotAllowed } from '../reach.ts';
import { tool } from '../tool.ts';

export const removeFork = tool({
  name: 'remove_fork',
  title: 'Remove a fork',
  description: 'Removes a fork with its log, when it is not needed any more. Clusters that are no forks are not removed.',
  input: z.strictObject({ name: z.string().min(1).max(63).describe('The name of the fork, as forks tells it.') }),
  output: z.looseObject({ removed: z.string() }),
  effect: 'changes',
  isIdempotent: true,
  async run({ name }, reach) {
    reach.mayFork();
    if (!(await reach.isOwn(name))) {
      const cluster = await reach.clusterObject(name);
      if (!cluster) throw new Error(`there is no cluster ${JSON.stringify(name)}: forks lists them`);
      if (reach.allow !== 'write') throw new NotAllowed(`${name} was not made by this server, and is left as it is`);
      if (!cluster.spec.forkOf) throw new NotAllowed(`${name} is no fork, and is left as it is: the user may remove it with logplane clusters delete`);
    }
    const { refused } = await deleteClusters([name], { ignoreNotFound: true }, await reach.client());
    if (refused.length > 0) throw new Error(refused.join('\n'));
    return { text: `The fork ${name} is removed.`, structured: { removed: name } };
  },
});
