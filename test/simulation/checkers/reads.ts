import { type KubeObject, same } from '../../../core/kube/object.ts';
import { withoutHeartbeats } from '../heartbeats.ts';
import { shown, withoutManagers } from '../managers.ts';
import type { Checker } from './checker.ts';

/** A list, of however many pages, is the collection as it was at its resourceVersion, and contains all that any client had been told of before. */
export const reads: Checker = {
  name: 'reads',
  *check({ cluster, replay, history }) {
    for (const read of history.reads) {
      if (read.cluster !== cluster) continue;
      const { resource, namespace, offset, atLeast } = read;
      if (offset < atLeast) yield `a list of ${resource} at ${offset} was answered after ${atLeast} was known`;
      if (read.exactly !== undefined && offset !== read.exactly) yield `a list of ${resource} at ${read.exactly} was answered as of ${offset}`;
      const told = new Map(read.objects.map((object) => [nameOf(object), object]));
      if (told.size !== read.objects.length) yield `a list of ${resource} at ${offset} names an object twice`;
      const expected = replay.list(resource, { namespace, offset });
      if (expected.length !== told.size) yield `a list of ${resource} at ${offset} has ${told.size} objects, the log ${expected.length}`;
      for (const object of expected) {
        const listed = told.get(nameOf(object));
        // In a list, no object says of which kind it is.
        if (!listed || !same(withoutHeartbeats(shown(object)), withoutHeartbeats({ ...withoutManagers(listed), ...typeOf(object) })))
          yield `a list of ${resource} at ${offset} does not have ${nameOf(object)} as the log has it`;
      }
    }
  },
};

const nameOf = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;

/** What is in a list may leave its type to the list. */
const typeOf = ({ apiVersion, kind }: KubeObject) => ({ apiVersion, kind });
